import {
  type BatchEnvelope,
  type EventType,
  type JsonObject,
  MAX_EVENT_BYTES,
  mergeEnvelope,
  type ParsedEvent,
  parseEvent,
  type Refusal,
} from '@tributary/protocol'

/**
 * An event of a request, and whether its shape is right. `raw` is the event with what the batch shares; `own` is it
 * without that, because a retry may come alone and must be known all the same.
 */
export type Judged =
  | { raw: unknown; event: ParsedEvent; own: JsonObject; refusal?: never }
  | { raw: unknown; refusal: Refusal<string> }

/**
 * Judges each event of a batch on its own.
 *
 * @param impliedType The call that the path named, if it was one of the six.
 * @param bodyBytes Size of the whole body; events of a small body need not be measured.
 */
export function judgeEvents(
  envelope: BatchEnvelope<unknown>,
  impliedType: EventType | undefined,
  bodyBytes: number,
): Judged[] {
  return envelope.batch.map((item): Judged => {
    const raw = mergeEnvelope(item, envelope)
    const parsed = parseEvent(raw, impliedType)
    if (!parsed.ok) return { raw, refusal: parsed.error }
    if (bodyBytes > MAX_EVENT_BYTES && isTooLarge(parsed.value)) {
      const message = `An event may have at most ${MAX_EVENT_BYTES} bytes.`
      return { raw, refusal: { code: 'event_too_large', message } }
    }
    const own = { ...(item as JsonObject), type: parsed.value.type }
    return { raw, event: parsed.value, own }
  })
}

/** Encodes only what is near the limit: UTF-8 takes at most three bytes for a UTF-16 unit. */
function isTooLarge(event: ParsedEvent): boolean {
  const text = JSON.stringify(event)
  if (text.length * 3 <= MAX_EVENT_BYTES) return false
  return new TextEncoder().encode(text).length > MAX_EVENT_BYTES
}

import {
  accept,
  type BatchEnvelope,
  type EventRefusalCode,
  type EventType,
  isJsonObject,
  type JsonObject,
  MAX_EVENT_BYTES,
  mergeEnvelope,
  type ParsedEvent,
  parseEvent,
  type Refusal,
  type Result,
} from '@tributary/protocol'
import { refuseByKey } from './refuse-by-key.ts'
import type { Sender } from './sender.ts'

/**
 * An event of a request, and whether its shape is right. `raw` is the event with what the batch shares; `own` is it
 * without that, because a retry may come alone and must be known all the same. `isCut`: `raw` is only the beginning.
 */
export type Judged =
  | { raw: unknown; event: ParsedEvent; own: JsonObject; refusal?: never }
  | { raw: unknown; refusal: Refusal<string>; isCut?: boolean }

/** What the judgement of events leans on beside them. */
export interface JudgeOptions {
  /** The call that the path named, if it was one of the six. */
  impliedType?: EventType | undefined
  /** Size of the whole body; events of a small body need not be measured. */
  bodyBytes: number
  sender: Pick<Sender, 'isServerKey'>
  /** An anonymous id that normalisation fills in, so that an event without identifiers is not refused for that. */
  knownId?: string | undefined
}

/** Judges each event of a batch on its own. */
export function judgeEvents(envelope: BatchEnvelope<unknown>, options: JudgeOptions): Judged[] {
  return envelope.batch.map((item): Judged => {
    const raw = mergeEnvelope(item, envelope)
    const forbidden = refuseByKey(raw, options.sender)
    if (forbidden) return { raw, refusal: forbidden }
    const parsed = parse(raw, options)
    if (!parsed.ok) return { raw, refusal: parsed.error }
    if (options.bodyBytes > MAX_EVENT_BYTES && isTooLarge(parsed.value)) {
      const message = `An event may have at most ${MAX_EVENT_BYTES} bytes.`
      return { raw, refusal: { code: 'event_too_large', message } }
    }
    const own = { ...(item as JsonObject), type: parsed.value.type }
    return { raw, event: parsed.value, own }
  })
}

/** The event stays as it was sent even where an id is known: its shard must not depend on a cookie. */
function parse(
  raw: unknown,
  { impliedType, knownId }: JudgeOptions,
): Result<ParsedEvent, Refusal<EventRefusalCode>> {
  const parsed = parseEvent(raw, impliedType)
  const isKnown = !parsed.ok && parsed.error.code === 'missing_identity' && knownId !== undefined
  if (!isKnown || !isJsonObject(raw)) return parsed
  const filled = parseEvent({ ...raw, anonymousId: knownId }, impliedType)
  return filled.ok ? accept({ ...filled.value, anonymousId: raw.anonymousId }) : filled
}

/** Encodes only what is near the limit: UTF-8 takes at most three bytes for a UTF-16 unit. */
function isTooLarge(event: ParsedEvent): boolean {
  const text = JSON.stringify(event)
  if (text.length * 3 <= MAX_EVENT_BYTES) return false
  return new TextEncoder().encode(text).length > MAX_EVENT_BYTES
}

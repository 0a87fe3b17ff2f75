import { isJsonObject, type Json, type JsonObject, type ParsedEvent } from '@tributary/protocol'
import { type BrowserId, setBrowserId } from './first-party.ts'
import type { SourceConfig } from './source-config.ts'
import { addFlag, replaceField, type StoredEvent } from './stored-event.ts'
import { setTimes } from './times.ts'
import { removeUntrusted } from './trusted-context.ts'

/** What the collector knows about an event beside its content. */
export interface Arrival {
  /** Its id, and its policies. */
  source: SourceConfig
  /** First byte of the request, milliseconds since 1970. */
  receivedAtMs: number
  /** The id to store it under: the client's, or a derived one. */
  messageId: string
  /** A `type` that the event had and the path has overruled. */
  sentType?: Json
  /** `sentAt` of the envelope or of the request's header, for events without their own. */
  sentAt?: string
  /** Whether the key is trusted with `context.trusted`. */
  isTrusted?: boolean
  /** The browser's anonymous id, where it asked to have it kept in a cookie. */
  browser?: BrowserId
  /** The device, where the request came from it directly; a server's address must not pass for a person's. */
  device?: DeviceFacts
}

/** What a request tells about the device that made it. */
export interface DeviceFacts {
  ip?: string
  userAgent?: string
}

/** One concern of normalisation: takes the event so far, returns it with its own fields set. */
type Step = (event: JsonObject, arrival: Arrival) => JsonObject

/**
 * The steps, in order. To normalise something more, write a step and add it here. Shape and size are checked before
 * (`judge.ts`), and duplicates are told by the event as it came: a new step never makes an old event a new one.
 */
const STEPS: readonly Step[] = [
  setSource,
  (event, { isTrusted = false }) => removeUntrusted(event, isTrusted),
  (event, { browser }) => setBrowserId(event, browser),
  setIdentifiers,
  setTimes,
  setDevice,
]

/** Turns an event as it came into the event as it is stored. Pure: equal arguments give equal events. */
export function normalise(event: ParsedEvent, arrival: Arrival): StoredEvent {
  return STEPS.reduce<JsonObject>((draft, step) => step(draft, arrival), event) as StoredEvent
}

/**
 * Where it came from and under which id it is kept. The key is a credential of the source and not part of the event;
 * the collector's own notes begin empty, whatever a client has sent under their name.
 */
function setSource(event: JsonObject, arrival: Arrival): JsonObject {
  const { writeKey: _, _tributary: sentNotes, ...own } = event
  const sent: JsonObject = {}
  if (sentNotes !== undefined) sent._tributary = sentNotes
  if (arrival.sentType !== undefined) sent.type = arrival.sentType
  const noted = Object.keys(sent).length > 0 ? { ...own, _tributary: { sent } } : own
  return replaceField(
    replaceField(noted, 'messageId', arrival.messageId),
    'source',
    arrival.source.id,
  )
}

const IDENTIFIER_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const

/** Identifiers are strings: numbers become text; anything else stays as it came, flagged, and identifies nobody. */
function setIdentifiers(event: JsonObject): JsonObject {
  return IDENTIFIER_FIELDS.reduce((draft, field) => {
    const value = draft[field]
    if (value === undefined || value === null || typeof value === 'string') return draft
    return typeof value === 'number'
      ? replaceField(draft, field, String(value))
      : addFlag(draft, `${field}_unusable`)
  }, event)
}

/** Fills in address and user agent of the device that made the request; what the client says itself wins. */
function setDevice(event: JsonObject, arrival: Arrival): JsonObject {
  if (!arrival.device) return event
  const context = isJsonObject(event.context) ? event.context : {}
  return { ...event, context: { ...arrival.device, ...context } }
}

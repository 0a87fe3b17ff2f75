import type { EventType, Json, JsonObject } from '@tributary/protocol'

/** What the collector notes about its own work on an event; absent when there is nothing to tell. */
interface CollectorNotes extends JsonObject {
  /** What looked wrong and was left as it came, for example `timestamp_unreadable`. */
  flags?: string[]
  /** Fields that the collector replaced, with the values that the client had sent. */
  sent?: JsonObject
  /** How `timestamp` was found (`event-time.ts`): `method`, `confidence`, and `offsetMs` where the client's was moved. */
  clock?: JsonObject
}

/** An event as the journal and the lake hold it: everything the client sent, and what the collector added. */
export interface StoredEvent extends JsonObject {
  type: EventType
  /** The client's id, or one derived from the content where it sent none or one that is too long. */
  messageId: string
  /** Id of the source whose write key came with the event. */
  source: string
  /** When the request began to arrive, by the collector's clock, ISO 8601. */
  receivedAt: string
  /** When the event happened, corrected for the client's clock, ISO 8601. */
  timestamp: string
  _tributary?: CollectorNotes
}

/** Sets a field; a different value that the client had sent there is kept in `_tributary.sent`. */
export function replaceField<T extends JsonObject>(event: T, field: string, value: Json): T {
  const before = event[field]
  if (before === value) return event
  const replaced = { ...event, [field]: value }
  return before === undefined || before === null ? replaced : keepSent(replaced, field, before)
}

/** Notes in `_tributary.sent` what the client had sent under a name. */
export function keepSent<T extends JsonObject>(event: T, name: string, value: Json | undefined): T {
  const notes = notesOf(event)
  return { ...event, _tributary: { ...notes, sent: { ...notes.sent, [name]: value } } }
}

/** Adds a flag to `_tributary.flags`, once. */
export function addFlag<T extends JsonObject>(event: T, flag: string): T {
  const notes = notesOf(event)
  const flags = notes.flags ?? []
  if (flags.includes(flag)) return event
  return { ...event, _tributary: { ...notes, flags: [...flags, flag] } }
}

/** The collector's notes on an event so far. */
export function notesOf(event: JsonObject): CollectorNotes {
  return (event._tributary as CollectorNotes | undefined) ?? {}
}

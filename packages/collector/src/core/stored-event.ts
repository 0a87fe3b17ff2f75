import { type EventType, isJsonObject, type Json, type JsonObject } from '@tributary/protocol'

/** What the collector notes about its own work on an event; absent when there is nothing to tell. */
interface CollectorNotes extends JsonObject {
  /** What looked wrong and was left as it came, for example `timestamp_unreadable`. */
  flags?: string[]
  /** Fields that the collector replaced, with the values that the client had sent. */
  sent?: JsonObject
  /** How `timestamp` was found (`event-time.ts`): `method`, `confidence`, and `offsetMs` where the client's was moved. */
  clock?: JsonObject
  /** Where the event breaks its source's plan. */
  violations?: Violation[]
  /** Of an event that was replayed from quarantine: its original arrival and the record's `id`. */
  replayed?: JsonObject
}

/** One fault of an event against its plan. */
export interface Violation extends JsonObject {
  /** Place of the fault, for example `properties.items.0.price`. */
  path: string
  message: string
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

/** Sets a field of `context`; what the client had sent there is kept in `_tributary.sent.context`. */
export function replaceInContext(event: JsonObject, field: string, value: Json): JsonObject {
  const context = contextOf(event)
  const before = context[field]
  const replaced = { ...event, context: { ...context, [field]: value } }
  return before === undefined || before === null
    ? replaced
    : keepSentContext(replaced, field, before)
}

/** Notes in `_tributary.sent.context` what the client had sent in a field of `context`. */
export function keepSentContext(event: JsonObject, field: string, value: Json): JsonObject {
  const sent = notesOf(event).sent?.context as JsonObject | undefined
  return keepSent(event, 'context', { ...sent, [field]: value })
}

/** The event with fields of `context` that it does not have yet. */
export function addToContext(event: JsonObject, facts: JsonObject): JsonObject {
  return { ...event, context: { ...contextOf(event), ...facts } }
}

/** Sets those fields of `context` that the client left open: what it says itself wins. */
export function fillContext(event: JsonObject, facts: JsonObject): JsonObject {
  const context = contextOf(event)
  const missing = missingIn(context, facts)
  return missing ? addToContext(event, missing) : event
}

/** The facts that `target` has no value for; `undefined` where that is none. */
export function missingIn(target: JsonObject, facts: JsonObject): JsonObject | undefined {
  let missing: JsonObject | undefined
  for (const field in facts) {
    if (isAbsent(target[field]) && facts[field] !== undefined) {
      missing ??= {}
      missing[field] = facts[field]
    }
  }
  return missing
}

/** The event's `context`; an empty one where it has none. */
export function contextOf(event: JsonObject): JsonObject {
  return isJsonObject(event.context) ? event.context : {}
}

/** Notes where an event breaks its plan. */
export function addViolations<T extends JsonObject>(event: T, violations: Violation[]): T {
  return { ...event, _tributary: { ...notesOf(event), violations } }
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

/** `null` says as little as nothing. */
export function isAbsent(value: Json | undefined): boolean {
  return value === undefined || value === null
}

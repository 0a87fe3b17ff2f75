import {
  type BatchEnvelope,
  isJsonObject,
  type Json,
  type JsonObject,
  type QuarantineRecord,
} from '@tributary/protocol'
import type { StoredEvent } from './stored-event.ts'
import { parseTimestamp } from './timestamps.ts'

/** How a replayed event came into quarantine. */
export interface Replay {
  /** Of the quarantine record. */
  id: string
  /** The original arrival, milliseconds since 1970. */
  receivedAtMs: number
  /** The client's `messageId`, where the event is given another. */
  messageId?: Json
}

/**
 * Refusals of a whole body by a limit that only protects the wire: what was kept is an envelope, and its events can be
 * judged one by one.
 */
const ENVELOPE_CODES: readonly string[] = ['too_many_events', 'body_too_large']

/** The events of a record; none when it holds only the beginning of what was sent. */
export type Replayable = { ok: true; envelope: BatchEnvelope<Json> } | { ok: false }

/**
 * The events of a quarantine record as a batch, each with an id that is the same at every replay. An event that has
 * neither an id nor a time of its own is given one by its place in the record; one with a time gets from the intake
 * the id that a retry of it would get.
 *
 * @param newMessageIds Give every event an id by its place in the record, for records whose own id is taken.
 */
export function replayEnvelope(record: QuarantineRecord, newMessageIds: boolean): Replayable {
  const { payload, truncated, code, id } = record
  if (truncated) return { ok: false }
  const envelope = ENVELOPE_CODES.includes(code) ? openEnvelope(payload) : { batch: [payload] }
  if (!envelope) return { ok: false }
  const batch = envelope.batch.map((event, index) => withStableId(event, id, index, newMessageIds))
  return { ok: true, envelope: { ...envelope, batch } }
}

/** The parts of a kept body that are judged with its events; `undefined` when it holds none. */
function openEnvelope(payload: Json): BatchEnvelope<Json> | undefined {
  if (Array.isArray(payload)) return { batch: payload }
  if (!isJsonObject(payload) || !Array.isArray(payload.batch)) return undefined
  const { batch, sentAt, context, integrations } = payload
  return {
    batch,
    ...(typeof sentAt === 'string' && { sentAt }),
    ...(isJsonObject(context) && { context }),
    ...(isJsonObject(integrations) && { integrations }),
  }
}

function withStableId(event: Json, record: string, index: number, always: boolean): Json {
  if (!isJsonObject(event)) return event
  const hasId = isId(event.messageId)
  const hasTime = parseTimestamp(event.timestamp ?? event.originalTimestamp) !== undefined
  if (!always && (hasId || hasTime)) return event
  const given: JsonObject = { ...event, messageId: `${record}_${index}` }
  return given
}

function isId(value: Json | undefined): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}

/** A normalised event with the note that it was replayed, received at `nowMs`. */
export function asReplayed(event: StoredEvent, replay: Replay, nowMs: number): StoredEvent {
  const { receivedAtMs, ...how } = replay
  const replayed: JsonObject = { receivedAt: new Date(receivedAtMs).toISOString(), ...how }
  return {
    ...event,
    receivedAt: new Date(nowMs).toISOString(),
    _tributary: { ...event._tributary, replayed },
  }
}

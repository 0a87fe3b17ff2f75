import { type EventType, isJsonObject } from '@tributary/protocol'
import type { AnyCall } from './calls.ts'

/** What the SDK knows about an event beside the call's own fields. */
export interface EventStamp {
  /** For a call that brings none. */
  messageId: string
  /** Time of the call, milliseconds since the epoch, for a call that brings none. */
  nowMs: number
  stream: string
  seq: number
  library: { name: string; version: string }
}

/** An event as the bytes of it that will be sent. */
export interface WrittenEvent {
  messageId: string
  json: string
}

/** Fields that go from the call into the event as they are. What is not listed, or not set, stays out. */
const OWN_FIELDS: Record<EventType, readonly string[]> = {
  track: ['event', 'properties'],
  identify: ['traits'],
  page: ['category', 'name', 'properties'],
  screen: ['category', 'name', 'properties'],
  group: ['groupId', 'traits'],
  alias: ['previousId'],
}

/**
 * Serialises a call that {@link checkCall} has passed, once: later changes to the caller's objects
 * change nothing, and no attempt to send it costs another pass over them.
 *
 * @throws Whatever serialising throws: circular or too deep structures, a BigInt, a getter or `toJSON` that throws.
 */
export function writeEvent(type: EventType, call: AnyCall, stamp: EventStamp): WrittenEvent {
  const fields = call as unknown as Record<string, unknown>
  // Anything but a string would never be found among the verdicts, which are keyed by strings.
  const hasOwnId = typeof fields.messageId === 'string' && fields.messageId !== ''
  const messageId = hasOwnId ? String(fields.messageId) : stamp.messageId
  const event: Record<string, unknown> = {
    type,
    messageId,
    timestamp: timestampOf(call.timestamp, stamp.nowMs),
    userId: fields.userId ?? undefined,
    anonymousId: fields.anonymousId ?? undefined,
  }
  for (const field of OWN_FIELDS[type]) event[field] = fields[field] ?? undefined
  event.context = {
    ...(isJsonObject(call.context) ? call.context : undefined),
    library: stamp.library,
    delivery: { stream: stamp.stream, seq: stamp.seq },
  }
  event.integrations = call.integrations ?? {}
  return { messageId, json: JSON.stringify(event) }
}

/** An unreadable Date counts as none: the time of the call is closer to the truth than losing the event. */
function timestampOf(given: unknown, nowMs: number): string {
  if (typeof given === 'string' && given !== '') return given
  // Copied, not tested with instanceof: under Jest, a Date is of another realm than ours.
  const date = typeof given === 'object' && given !== null ? new Date(given as Date) : undefined
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : new Date(nowMs).toISOString()
}

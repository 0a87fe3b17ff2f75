import { type EventType, isJsonObject, type TributaryEvent } from '@tributary/protocol'
import type { AnyCall } from './calls.ts'

/** What the SDK knows about an event beside the call's own fields. */
export interface EventStamp {
  /** For a call that brings none. */
  messageId: string
  /** Time of the call, ISO 8601, for a call that brings none. */
  timestamp: string
  stream: string
  seq: number
  library: { name: string; version: string }
}

/**
 * The event that a call which {@link checkCall} has passed becomes. Its objects are still the caller's:
 * to be serialised before the call returns, and never written to.
 *
 * @throws Whatever a getter throws.
 */
export function buildEvent(type: EventType, call: AnyCall, stamp: EventStamp): TributaryEvent {
  const fields = call as unknown as Record<string, unknown>
  // Anything but a string would never be found among the verdicts, which are keyed by strings.
  const hasOwnId = typeof fields.messageId === 'string' && fields.messageId !== ''
  const isView = type === 'page' || type === 'screen'
  const context = isJsonObject(call.context) ? call.context : undefined
  const delivery = { stream: stamp.stream, seq: stamp.seq }
  // All fields of all types at once, undefined left out by JSON: one shape of object for V8, whatever the call.
  const event: Record<string, unknown> = {
    type,
    messageId: hasOwnId ? fields.messageId : stamp.messageId,
    timestamp: timestampOf(call.timestamp, stamp.timestamp),
    userId: fields.userId ?? undefined,
    anonymousId: fields.anonymousId ?? undefined,
    previousId: type === 'alias' ? (fields.previousId ?? undefined) : undefined,
    groupId: type === 'group' ? (fields.groupId ?? undefined) : undefined,
    event: type === 'track' ? (fields.event ?? undefined) : undefined,
    category: isView ? (fields.category ?? undefined) : undefined,
    name: isView ? (fields.name ?? undefined) : undefined,
    properties: isView || type === 'track' ? (fields.properties ?? undefined) : undefined,
    traits: type === 'identify' || type === 'group' ? (fields.traits ?? undefined) : undefined,
    context: { ...context, library: stamp.library, delivery },
    integrations: call.integrations ?? {},
  }
  return event as unknown as TributaryEvent
}

/** An unreadable Date counts as none: the time of the call is closer to the truth than losing the event. */
function timestampOf(given: unknown, now: string): string {
  if (typeof given === 'string' && given !== '') return given
  // Copied, not tested with instanceof: under Jest, a Date is of another realm than ours.
  const date = typeof given === 'object' && given !== null ? new Date(given as Date) : undefined
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : now
}

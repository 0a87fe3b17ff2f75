import type { JsonObject } from '@tributary/protocol'
import type { Arrival } from '../arrival.ts'
import { replaceField } from '../stored-event.ts'

/**
 * Where it came from and under which id it is kept. The key is a credential of the source and not part of the event;
 * the collector's own notes begin empty, whatever a client has sent under their name.
 */
export function setSource(event: JsonObject, arrival: Arrival): JsonObject {
  if (isNormalised(event, arrival)) return withoutTimestamp(event)
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

/** The client's time, which `timestamp` was made from, is in `originalTimestamp`: it is to be made from that again. */
function withoutTimestamp({ timestamp: _, ...event }: JsonObject): JsonObject {
  return event
}

/**
 * True for what `normalise` has made of this same arrival: it may be normalised again, with its notes taken for ours.
 * A client would have to know the millisecond of its arrival to pass for it, and would win no more than notes of its own.
 */
function isNormalised(event: JsonObject, arrival: Arrival): boolean {
  return (
    event.source === arrival.source.id &&
    event.messageId === arrival.messageId &&
    typeof event.receivedAt === 'string' &&
    event.receivedAt === new Date(arrival.receivedAtMs).toISOString()
  )
}

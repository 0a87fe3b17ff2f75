import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { decideTime, type EventTimes, type TimeDecision } from './event-time.ts'
import { isLateSender } from './late-senders.ts'
import { addFlag, notesOf, replaceField } from './stored-event.ts'
import { parseTimestamp } from './timestamps.ts'

/**
 * The client's times are kept as they came (`originalTimestamp`, `sentAt`), `timestamp` is corrected by what this
 * one request tells; the journal, which knows the device, may decide again ({@link withTime}).
 * RudderStack's clients send `originalTimestamp` where Segment's send `timestamp`.
 *
 * @param arrival `sentAt` of the envelope or of the request's header, for events without their own.
 */
export function setTimes(
  event: JsonObject,
  arrival: { receivedAtMs: number; sentAt?: string },
): JsonObject {
  const original = event.timestamp ?? event.originalTimestamp ?? undefined
  const sentAt = event.sentAt ?? arrival.sentAt
  const originalMs = parseTimestamp(original)
  const times: EventTimes = {
    originalMs,
    sentMs: parseTimestamp(sentAt),
    receivedAtMs: arrival.receivedAtMs,
    isSentLate: isLateSender(libraryName(event)),
  }
  const { timestamp: _, ...rest } = event
  const received = replaceField(rest, 'receivedAt', new Date(arrival.receivedAtMs).toISOString())
  const dated = {
    ...(original === undefined ? received : replaceField(received, 'originalTimestamp', original)),
    ...(sentAt !== undefined && { sentAt }),
  }
  const timed = withTime(dated, decideTime(times))
  const isUnreadable = original !== undefined && originalMs === undefined
  return isUnreadable ? addFlag(timed, 'timestamp_unreadable') : timed
}

/** The event with the time that was decided on, and in `_tributary.clock` how it was. */
export function withTime<T extends JsonObject>(event: T, decision: TimeDecision): T {
  const { timestampMs, ...clock } = decision
  const timestamp = new Date(timestampMs).toISOString()
  return { ...event, timestamp, _tributary: { ...notesOf(event), clock } }
}

function libraryName({ context }: JsonObject): unknown {
  const library = isJsonObject(context) ? context.library : undefined
  return isJsonObject(library) ? library.name : undefined
}

import { isJsonObject, type JsonObject } from '@tributary/protocol'
import { decideTime, type EventTimes, type TimeDecision } from './event-time.ts'
import { isLateSender } from './late-senders.ts'
import { addFlag, notesOf, replaceField } from './stored-event.ts'
import { parseTimestamp } from './timestamps.ts'

/** What an arrival says of an event's times. */
interface TimedArrival {
  receivedAtMs: number
  /** `sentAt` of the envelope or of the request's header, for events without their own. */
  sentAt?: string
  /** {@link timesOf} this event and arrival, where they are read already. */
  times?: EventTimes
}

/** Reads an event's times. RudderStack's clients send `originalTimestamp` where Segment's send `timestamp`. */
export function timesOf(event: JsonObject, { receivedAtMs, sentAt }: TimedArrival): EventTimes {
  return {
    originalMs: parseTimestamp(event.timestamp ?? event.originalTimestamp),
    sentMs: parseTimestamp(event.sentAt ?? sentAt),
    receivedAtMs,
    isSentLate: isLateSender(libraryName(event)),
  }
}

/**
 * The client's times are kept as they came (`originalTimestamp`, `sentAt`), `timestamp` is corrected by what this
 * one request tells; the journal, which knows the device, may decide again.
 */
export function setTimes(event: JsonObject, arrival: TimedArrival): JsonObject {
  const original = event.timestamp ?? event.originalTimestamp ?? undefined
  const sentAt = event.sentAt ?? arrival.sentAt
  const times = arrival.times ?? timesOf(event, arrival)
  const { timestamp: _, ...rest } = event
  const received = replaceField(rest, 'receivedAt', new Date(arrival.receivedAtMs).toISOString())
  const dated = {
    ...(original === undefined ? received : replaceField(received, 'originalTimestamp', original)),
    ...(sentAt !== undefined && { sentAt }),
  }
  const timed = withTime(dated, decideTime(times))
  const isUnreadable = original !== undefined && times.originalMs === undefined
  return isUnreadable ? addFlag(timed, 'timestamp_unreadable') : timed
}

/** The event with the time that was decided on, and in `_tributary.clock` how it was. */
function withTime<T extends JsonObject>(event: T, decision: TimeDecision): T {
  const { timestampMs, ...clock } = decision
  const timestamp = new Date(timestampMs).toISOString()
  return { ...event, timestamp, _tributary: { ...notesOf(event), clock } }
}

function libraryName({ context }: JsonObject): unknown {
  const library = isJsonObject(context) ? context.library : undefined
  return isJsonObject(library) ? library.name : undefined
}

import type { Json, JsonObject } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'

/** When a record happened and its id: every order that the rules use is one of these (R3). */
export interface Moment {
  /** Milliseconds since 1970. */
  time: number
  messageId: string
}

/** R3: the total order of records. */
export function compareMoments(a: Moment, b: Moment): number {
  return a.time - b.time || compareBytes(a.messageId, b.messageId)
}

/** ISO 8601. What has no zone is UTC: taken as local time, a profile would depend on where it is computed. */
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * R2: `timestamp`, which the collector has corrected for the sender's clock; without one, `receivedAt`. Nothing happened
 * after it arrived: a clock that runs years ahead would win over every other for as long.
 *
 * @param arrival The place of the record among all that were read, which is all the time there is when it has neither.
 * @returns Milliseconds since 1970.
 */
export function timeOf(record: JsonObject, arrival: number): number {
  const received = parseTime(record.receivedAt)
  const happened = parseTime(record.timestamp)
  if (happened === undefined) return received ?? arrival
  return received === undefined ? happened : Math.min(happened, received)
}

function parseTime(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const [, clock, , , zone] = ISO_TIME.exec(value) ?? [undefined]
  const time = Date.parse(clock !== undefined && zone === undefined ? `${value}Z` : value)
  return ISO_TIME.test(value) && Number.isFinite(time) ? time : undefined
}

/** A time as the API writes it, ISO 8601. */
export function toIso(time: number): string {
  return new Date(time).toISOString()
}

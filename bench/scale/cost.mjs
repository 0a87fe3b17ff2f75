import { OBJECT_GB, PRICE } from '../prices.mjs'
import { EVENT_BYTES, fingerprintGb } from './shard.mjs'

const MONTH_S = 30 * 86_400

/** Assumed, as in the price of a request: CPU of the Worker, and how long an append keeps its object awake. */
const REQUEST_CPU_MS = 1
const EVENT_CPU_MS = 0.05
const APPEND_SECONDS = 0.01

/**
 * Rows of a drain beside those that it deletes: alarm, plan, release, the buckets of two hours of events, and in the
 * account of deliveries its state and a bucket of streams.
 */
const ROWS_PER_DRAIN = 7

/** The alarm, and the report to the account of deliveries. */
const CALLS_PER_DRAIN = 2

/** Gzipped NDJSON of events that are alike. */
const LAKE_RATIO = 0.15

/**
 * Dollars a month, by what they are paid for.
 *
 * @param {{ eventsPerSecond: number, batch: number, callsPerRequest: number, rowsPerAppend: number, shards: number,
 *   drainsPerSecond: number, putsPerDrain: number }} load `drainsPerSecond` of one shard. Each row is written and
 *   deleted.
 */
export function monthlyDollars(load) {
  const { eventsPerSecond, batch, callsPerRequest, shards, drainsPerSecond } = load
  const events = eventsPerSecond * MONTH_S
  const requests = events / batch
  const appends = requests * callsPerRequest
  const drains = drainsPerSecond * shards * MONTH_S
  const awakeSeconds = Math.min(appends * APPEND_SECONDS, shards * MONTH_S)
  return {
    Worker:
      requests * PRICE.workerRequest +
      (requests * REQUEST_CPU_MS + events * EVENT_CPU_MS) * PRICE.workerCpuMs,
    'object calls and time':
      (appends + CALLS_PER_DRAIN * drains) * PRICE.objectRequest +
      awakeSeconds * OBJECT_GB * PRICE.objectGbSecond,
    rows: (2 * load.rowsPerAppend * appends + ROWS_PER_DRAIN * drains) * PRICE.rowWritten,
    'lake puts': drains * load.putsPerDrain * PRICE.lakePut,
    'kept, for each month of events':
      fingerprintGb(events) * PRICE.objectGbMonth +
      ((events * EVENT_BYTES * LAKE_RATIO) / 1e9) * PRICE.lakeGbMonth,
  }
}

/** Dollars for a million events, storage aside. */
export function perMillion(dollars, eventsPerSecond) {
  const { 'kept, for each month of events': _, ...running } = dollars
  const sum = Object.values(running).reduce((a, b) => a + b, 0)
  return sum / ((eventsPerSecond * MONTH_S) / 1e6)
}

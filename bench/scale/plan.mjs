import { monthlyDollars, perMillion } from './cost.mjs'
import { fanOut, MAX_SHARDS, sourcesAmong, spreadLoad } from './load.mjs'
import { ceilings, EVENT_BYTES, endurance } from './shard.mjs'

/** Numbers of shards that are looked at. */
export const SHARD_COUNTS = [4, 16, 64, MAX_SHARDS]

/**
 * Appends a second and shard: the platform's documentation gives 200 to 500 for objects that transform and write.
 * The exponent is an assumption; with one of 1 and more a single key makes more events than a person can.
 */
export const DEFAULTS = { shardRate: 300, exponent: 0.8 }

/**
 * What a load needs: the fewest shards whose busiest one is within its limits, or 256 in as many deployments as it
 * takes, each with a part of the sources.
 *
 * @param {Uint8Array} routes Of `routeUsers`.
 * @param limits The collector's `limits.ts`.
 * @param {{ eventsPerSecond: number, batch: number, isServer: boolean, exponent: number, shardRate: number }} load
 *   `isServer`: a request's events are of many persons; else of one.
 */
export function planFor(routes, limits, load) {
  const options = SHARD_COUNTS.map((shards) => option(routes, load, shards))
  const fewest = Math.min(...options.map(({ deployments }) => deployments))
  const chosen = options.find(({ deployments }) => deployments === fewest)
  return withConsequences(limits, load, chosen)
}

/** What a load means for a number of shards, whether or not they carry it. */
export function planOn(routes, limits, load, shards) {
  return withConsequences(limits, load, option(routes, load, shards))
}

function withConsequences(limits, load, chosen) {
  const { deployments, busiest, callsPerRequest } = chosen
  const shards = chosen.shards * deployments
  const perShard = load.eventsPerSecond / shards
  const appendsPerSecond = (perShard * callsPerRequest) / load.batch
  const dollars = monthlyDollars({
    ...load,
    callsPerRequest,
    rowsPerAppend: rowsPerAppend(limits, appendsPerSecond, load.exponent),
    shards,
    ...drains(limits, perShard, load.exponent),
  })
  return {
    ...chosen,
    ...endurance(busiest, limits.MAX_BACKLOG_BYTES),
    dollars,
    perMillion: perMillion(dollars, load.eventsPerSecond),
  }
}

function option(routes, load, shards) {
  const { eventsPerSecond, batch, isServer, exponent, shardRate } = load
  // A hundred persons at a time for each event a second, over a hundred sources.
  const usersPerSource = eventsPerSecond
  const { peakToMean } = spreadLoad(routes, { exponent, usersPerSource, shards })
  const callsPerRequest = isServer ? fanOut(routes, { exponent, usersPerSource, shards, batch }) : 1
  const busiest = (eventsPerSecond * peakToMean) / shards
  const limits = Object.entries(ceilings(shardRate, batch / callsPerRequest))
  const [limit, most] = limits.reduce((a, b) => (b[1] < a[1] ? b : a))
  const deployments = Math.max(1, Math.ceil(busiest / most))
  return { shards, callsPerRequest, deployments, limit, busiest: busiest / deployments, most }
}

/** Appends that come while one waits share its commit, and a row where they are of one source (docs/adr/0014). */
function rowsPerAppend({ GROUP_COMMIT_MS }, appendsPerSecond, exponent) {
  const together = 1 + (appendsPerSecond * GROUP_COMMIT_MS) / 1000
  return sourcesAmong(together, exponent) / together
}

/** A shard drains after its interval, or as soon as so many bytes wait; one object for each source among them. */
function drains({ DRAIN_INTERVAL_MS, EARLY_DRAIN_BYTES }, eventsPerSecond, exponent) {
  const byInterval = 1000 / DRAIN_INTERVAL_MS
  const bySize = (eventsPerSecond * EVENT_BYTES) / EARLY_DRAIN_BYTES
  const drainsPerSecond = Math.max(byInterval, bySize)
  const putsPerDrain = sourcesAmong(eventsPerSecond / drainsPerSecond, exponent)
  return { drainsPerSecond, putsPerDrain }
}

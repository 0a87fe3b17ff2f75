import { seededRandom } from '../random.mjs'

/** Sources of a deployment. */
const SOURCES = 100

/** Most shards that a deployment may have; a number that divides it takes a key to the rest of the key's shard here. */
export const MAX_SHARDS = 256

/** Persons of each source whose shard is computed; those after them are so many that they spread evenly. */
const NAMED_USERS = 2000

const SEED = 2026
const REQUESTS = 2000

/**
 * The shards of the busiest persons of every source, by the collector's own routing. Their ids look random, as those
 * of the browser SDK, and are the same in every run.
 *
 * @param router The collector's `shardOf` and `shardKey`.
 * @returns {Uint8Array} The shard of {@link MAX_SHARDS} of each person, the sources one after the other.
 */
export function routeUsers({ shardKey, shardOf }) {
  const random = seededRandom(SEED)
  return Uint8Array.from({ length: SOURCES * NAMED_USERS }, (_, index) => {
    const parts = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32).toString(16))
    const source = `source-${Math.floor(index / NAMED_USERS)}`
    return shardOf(shardKey(source, { anonymousId: parts.join('-') }, ''), MAX_SHARDS)
  })
}

/**
 * How a deployment's events spread over its shards, where sources and the persons of each follow Zipf's law: the n-th
 * has a share in proportion to n to the power of −exponent.
 *
 * @param {Uint8Array} routes Of {@link routeUsers}.
 * @returns {{ peakToMean: number, hottestKey: number }} The load of the busiest shard as a multiple of the mean, and
 *   the share of all events that the busiest person makes.
 */
export function spreadLoad(routes, { exponent, usersPerSource, shards }) {
  const sources = zipfShares(SOURCES, SOURCES, exponent)
  const users = zipfShares(NAMED_USERS, usersPerSource, exponent)
  const loads = new Float64Array(shards).fill(users.restShare / shards)
  for (const [source, sourceShare] of sources.shares.entries()) {
    for (const [user, userShare] of users.shares.entries()) {
      loads[routes[source * NAMED_USERS + user] % shards] += sourceShare * userShare
    }
  }
  return {
    peakToMean: Math.max(...loads) * shards,
    hottestKey: sources.shares[0] * users.shares[0],
  }
}

/**
 * What requests of servers cost, whose events are those of many persons of one source.
 *
 * @param {Uint8Array} routes Of {@link routeUsers}.
 * @returns {number} Calls of journals that a batch makes, on average: the shards that its events go to.
 */
export function fanOut(routes, { exponent, usersPerSource, shards, batch }) {
  const random = seededRandom(SEED)
  const drawUser = zipfSampler(zipfShares(NAMED_USERS, usersPerSource, exponent).shares, random)
  let calls = 0
  for (let request = 0; request < REQUESTS; request++) {
    const reached = new Set()
    for (let event = 0; event < batch; event++) {
      const user = drawUser()
      reached.add((user === undefined ? Math.floor(random() * MAX_SHARDS) : routes[user]) % shards)
    }
    calls += reached.size
  }
  return calls / REQUESTS
}

/** The expected number of sources with an event among so many. */
export function sourcesAmong(events, exponent) {
  const { shares } = zipfShares(SOURCES, SOURCES, exponent)
  return shares.reduce((sum, share) => sum + 1 - (1 - share) ** events, 0)
}

/** Shares of the first `named` of `count`, and what is left for the rest. */
function zipfShares(named, count, exponent) {
  let sum = 0
  for (let rank = 1; rank <= count; rank++) sum += rank ** -exponent
  const length = Math.min(named, count)
  const shares = Array.from({ length }, (_, index) => (index + 1) ** -exponent / sum)
  return { shares, restShare: Math.max(0, 1 - shares.reduce((a, b) => a + b, 0)) }
}

/** Draws a place in the list, as likely as its share; `undefined` for the rest. */
function zipfSampler(shares, random) {
  let reached = 0
  const bounds = shares.map((share) => {
    reached += share
    return reached
  })
  return () => {
    const drawn = random()
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bounds[middle] <= drawn) low = middle + 1
      else high = middle
    }
    return low < bounds.length ? low : undefined
  }
}

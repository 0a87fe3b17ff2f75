import { aroundMedian, between, overMagnitudes } from '../random.mjs'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long a simulated device lives. */
export const LIFE_MS = 7 * DAY

/** A clock tells the device's time for a true time. Each of these makes one at random. */
const right = (random) => offBy(between(random, -200, 200))
const wrongBy = (least, most) => (random) =>
  offBy(signed(random, overMagnitudes(random, least, most)))
const offBy = (skewMs) => (trueMs) => trueMs + skewMs
const signed = (random, value) => (random() < 0.5 ? -value : value)

/** Gains or loses 1 to 10 seconds a day, as quartz does. */
function drifting(random) {
  const rate = signed(random, between(random, SECOND, 10 * SECOND)) / DAY
  return (trueMs, birthMs) => trueMs + rate * (trueMs - birthMs)
}

/** One clock up to some moment of the device's life, another from then on. */
const changing = (first, second) => (random) => {
  const [before, after] = [first(random), second(random)]
  const changeMs = between(random, 0.2, 0.8) * LIFE_MS
  return (trueMs, birthMs) => (trueMs - birthMs < changeMs ? before : after)(trueMs, birthMs)
}

/** What is wrong with clocks in the field; the shares are an assumption. */
function anyClock(random) {
  const share = random()
  if (share < 0.7) return right(random)
  if (share < 0.9) return wrongBy(SECOND, 30 * SECOND)(random)
  if (share < 0.96) return wrongBy(MINUTE, 30 * MINUTE)(random)
  if (share < 0.98) return wrongBy(HOUR, 12 * HOUR)(random)
  return share < 0.99 ? wrongBy(DAY, 1000 * DAY)(random) : drifting(random)
}

/** Milliseconds from the sending to the first byte at the collector. */
const prompt = (random) => aroundMedian(random, 120, 0.8)
const stalling = (random) =>
  random() < 0.05 ? overMagnitudes(random, 30 * SECOND, 6 * HOUR) : prompt(random)

/**
 * The scenarios. `clock` and `transit` as above; and, each `undefined` or a share from 0 to 1:
 * `late`, of sessions without a network, whose file is closed at their end and uploaded hours later, as `sentAt` tells
 * the closing (with `isSentLate`); `failing`, of requests that reach the collector only at a later attempt, with a
 * `sentAt` of the first (`stale`) or of the last one. `imported`: sent long after, without a `sentAt`.
 * `precisionMs`: the client cuts its times down to multiples of this.
 */
export const SCENARIOS = {
  'right clock': { clock: right, transit: prompt },
  'right clock, 5 % of requests stall up to 6 h': { clock: right, transit: stalling },
  'off by 1 to 30 s': { clock: wrongBy(SECOND, 30 * SECOND), transit: prompt },
  'off by 1 to 30 min, stalls': { clock: wrongBy(MINUTE, 30 * MINUTE), transit: stalling },
  'off by 1 to 12 h, stalls': { clock: wrongBy(HOUR, 12 * HOUR), transit: stalling },
  'off by 1 to 1,000 days, stalls': { clock: wrongBy(DAY, 1000 * DAY), transit: stalling },
  'drifts 1 to 10 s a day': { clock: drifting, transit: prompt },
  'off by 1 to 12 h, then set right': {
    clock: changing(wrongBy(HOUR, 12 * HOUR), right),
    transit: prompt,
  },
  'right, then set wrong by 1 to 12 h': {
    clock: changing(right, wrongBy(HOUR, 12 * HOUR)),
    transit: prompt,
  },
  'files closed early (Swift, Kotlin), right clock': {
    clock: right,
    transit: prompt,
    isSentLate: true,
    late: 0.3,
  },
  'files closed early, off by 1 to 30 min': {
    clock: wrongBy(MINUTE, 30 * MINUTE),
    transit: prompt,
    isSentLate: true,
    late: 0.3,
  },
  'retries with a new sentAt': { clock: right, transit: prompt, failing: 0.2 },
  'retries with the old sentAt': { clock: right, transit: prompt, failing: 0.2, stale: true },
  'retries with the old sentAt, off by 1 to 12 h': {
    clock: wrongBy(HOUR, 12 * HOUR),
    transit: prompt,
    failing: 0.2,
    stale: true,
  },
  'history imported, no sentAt': { clock: right, transit: prompt, imported: true },
  'whole seconds (PHP)': { clock: right, transit: prompt, precisionMs: SECOND },
  'a mix of all clocks, stalls, old retries': {
    clock: anyClock,
    transit: stalling,
    failing: 0.05,
    stale: true,
  },
}

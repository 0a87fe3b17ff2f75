import { seededRandom } from '../random.mjs'
import { simulateDevice } from './device.mjs'
import { PEER_FORMULAS } from './formulas.mjs'
import { SCENARIOS } from './scenarios.mjs'

const MINUTE = 60_000

/** What the tables in docs/protocol.md are made with. */
export const SIZE = { devices: 500, seed: 2026 }

/**
 * Runs every scenario with every formula.
 *
 * @param model The collector's `observe`, `observationOf` and `decideTime`.
 * @param {{ devices: number, seed: number }} size Devices for each scenario.
 * @returns {Record<string, Record<string, Result>>} By scenario, then by formula.
 *
 * @typedef Result Errors are absolute differences from the truth in milliseconds.
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} max
 * @property {number} overMinute Share of events that are more than a minute off.
 * @property {number} inversions Pairs of successive events in the wrong order, per device.
 */
export function simulate(model, { devices, seed }) {
  const formulas = {
    ...PEER_FORMULAS,
    'ours, one request': (times) => model.decideTime(times).timestampMs,
  }
  const results = {}
  for (const [index, [name, scenario]] of Object.entries(SCENARIOS).entries()) {
    const random = seededRandom(seed + index)
    const runs = Array.from({ length: devices }, () => simulateDevice(scenario, random))
    results[name] = {}
    for (const [label, formula] of Object.entries(formulas)) {
      results[name][label] = measure(runs, () => formula)
    }
    results[name]['ours, with memory'] = measure(runs, () => withMemory(model))
  }
  return results
}

/** A formula that learns from the requests as they arrive. One for each device. */
function withMemory({ observe, observationOf, decideTime }) {
  let memory
  return (times) => {
    const observation = observationOf(times)
    if (observation) memory = observe(memory, observation)
    return decideTime(times, memory).timestampMs
  }
}

function measure(runs, formulaOfDevice) {
  const errors = []
  let inversions = 0
  for (const run of runs) {
    const decided = decideAll(run, formulaOfDevice())
    for (const [index, timestampMs] of decided.entries()) {
      errors.push(Math.abs(timestampMs - run.events[index].trueMs))
      if (index > 0 && timestampMs < decided[index - 1]) inversions += 1
    }
  }
  const sorted = Float64Array.from(errors).sort()
  const quantile = (share) => sorted[Math.ceil(share * sorted.length) - 1]
  return {
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    max: sorted.at(-1),
    overMinute: errors.filter((error) => error > MINUTE).length / errors.length,
    inversions: inversions / runs.length,
  }
}

/** The times that a formula gives to a device's events, in the order in which they happened. */
function decideAll({ events, requests }, formula) {
  const decided = new Array(events.length)
  for (const { sentMs, receivedAtMs, isSentLate, events: sent } of requests) {
    for (const index of sent) {
      decided[index] = formula({
        originalMs: events[index].originalMs,
        sentMs,
        receivedAtMs,
        isSentLate,
      })
    }
  }
  return decided
}

import { medianOf, range, sorted, verdict } from '../figures.mjs'
import { formatNumber, table } from '../markdown.mjs'
import { OWN } from './bundle.mjs'
import { SCENARIOS } from './loss-scenarios.mjs'

/** What the design allows ours, as shares of the best peer's main-thread time in the same run. */
const BUDGETS = { burst: 0.5, paced: 1 }

/** A page's task that is long, by the Long Tasks API: nothing shorter is reported. */
const LONG_TASK_MS = 50

/** @param {import('./size.mjs').SizeRow[]} rows */
export function sizeTable(rows) {
  return table(
    ['version', 'script', 'npm, at once', 'npm, everything'],
    rows.map(({ name, version = '', script, first, all }) => [
      name,
      version,
      sizeCell(script),
      sizeCell(first),
      sizeCell(all),
    ]),
  )
}

function sizeCell(size) {
  if (!size) return '–'
  return [size.raw, size.gzip, size.brotli].map((bytes) => (bytes / 1024).toFixed(1)).join(' / ')
}

/**
 * The medians of each SDK's rounds.
 *
 * @param {import('./time.mjs').TimeRow[]} rows
 * @param {number} throttle
 */
export function summarise(rows, throttle) {
  const measured = rows.filter((row) => row.throttle === throttle && !row.error)
  const sdks = [...new Set(measured.map(({ sdk }) => sdk))]
  return sdks.map((sdk) => {
    const rounds = measured.filter((row) => row.sdk === sdk)
    const of = (pick) => medianOf(rounds.map(pick))
    // The calls of all rounds together: one round has a hundred times, too few for the last of them to mean much.
    const callUs = sorted(rounds.flatMap(({ paced }) => paced.callMs.map((ms) => 100 * ms)))
    return {
      sdk,
      rounds: rounds.length,
      evaluateMs: of((row) => row.evaluateMs),
      initMs: of((row) => row.initMs),
      readyMs: of((row) => row.readyMs),
      heapKib: of((row) => row.heapKib),
      callUs: quantile(callUs, 0.5),
      slowCallUs: quantile(callUs, 0.99),
      syncMs: of((row) => row.burst.callMs[0]),
      burst: summariseCalls(rounds.map(({ burst }) => burst)),
      paced: summariseCalls(rounds.map(({ paced }) => paced)),
    }
  })
}

function summariseCalls(rounds) {
  const of = (pick) => medianOf(rounds.map(pick))
  return {
    mainMs: of((row) => row.mainMs),
    delivered: Math.min(...rounds.map((row) => row.delivered)),
    longTasks: of((row) => row.longTasksMs.length),
    longestMs: of((row) => Math.max(0, ...row.longTasksMs)),
    requests: of((row) => row.requests),
    preflights: of((row) => row.preflights),
    bytesPerEvent: of((row) => row.bytes / (row.delivered || 1)),
  }
}

/** @param {ReturnType<typeof summarise>} summaries */
export function timeTable(summaries) {
  return table(
    [
      'evaluate ms',
      'init ms',
      'ready ms',
      'heap KiB',
      'call µs, median / p99',
      'burst: calls ms',
      'burst: main thread ms',
      'burst: longest task ms',
      'paced: main thread ms',
      'paced: long tasks',
      'paced: requests + preflights',
      'paced: bytes an event',
      'delivered, burst / paced',
    ],
    summaries.map(({ sdk, burst, paced, ...row }) => [
      sdk,
      formatNumber(row.evaluateMs),
      formatNumber(row.initMs),
      formatNumber(row.readyMs),
      formatNumber(row.heapKib),
      `${formatNumber(row.callUs)} / ${formatNumber(row.slowCallUs)}`,
      formatNumber(row.syncMs),
      formatNumber(burst.mainMs),
      burst.longestMs < LONG_TASK_MS ? `< ${LONG_TASK_MS}` : formatNumber(burst.longestMs),
      formatNumber(paced.mainMs),
      formatNumber(paced.longTasks),
      `${formatNumber(paced.requests)} + ${formatNumber(paced.preflights)}`,
      formatNumber(paced.bytesPerEvent),
      `${burst.delivered} / ${paced.delivered}`,
    ]),
  )
}

/**
 * Ours against the budgets: a sentence for each, with `kept` or `BROKEN`. A peer that has not delivered every event has
 * not done the work, and is not compared with. Empty without ours.
 *
 * @param {ReturnType<typeof summarise>} summaries
 * @param {number} events That each manner of calling makes.
 */
export function judgeTime(summaries, events = 1000) {
  const ours = summaries.find(({ sdk }) => sdk === 'tributary')
  if (!ours) return []
  const ratios = Object.entries(BUDGETS).flatMap(([manner, budget]) => {
    const best = summaries
      .filter(({ sdk, [manner]: calls }) => !OWN.includes(sdk) && calls.delivered >= events)
      .sort((a, b) => a[manner].mainMs - b[manner].mainMs)[0]
    if (!best) return []
    const ratio = ours[manner].mainMs / best[manner].mainMs
    return `${manner}: ${formatNumber(ours[manner].mainMs)} ms of the main thread, ${formatNumber(ratio)} of the best peer's ${formatNumber(best[manner].mainMs)} (${best.sdk}); budget ${budget}: ${verdict(ratio <= budget)}`
  })
  const [burst, paced] = [ours.burst, ours.paced]
  const longest = Math.max(burst.longestMs, paced.longestMs)
  const delivered = Math.min(burst.delivered, paced.delivered)
  return [
    ...ratios,
    `longest task: ${longest < LONG_TASK_MS ? `below ${LONG_TASK_MS}` : formatNumber(longest)} ms; budget: none of ${LONG_TASK_MS} ms: ${verdict(longest < LONG_TASK_MS)}`,
    `delivered: ${delivered} of ${events}: ${verdict(delivered === events)}`,
  ]
}

/** @param {import('./loss.mjs').LossRow[]} rows */
export function lossTable(rows) {
  const scenarios = Object.keys(SCENARIOS)
  const sdks = [...new Set(rows.map(({ sdk }) => sdk))]
  return table(
    scenarios.map((name) => `${name} /${SCENARIOS[name].events}`),
    sdks.map((sdk) => [sdk, ...scenarios.map((name) => lossCell(cellRows(rows, sdk, name)))]),
  )
}

/** The repetitions of one SDK in one scenario. */
export function cellRows(rows, sdk, scenario) {
  return rows.filter((row) => row.sdk === sdk && row.scenario === scenario && !row.error)
}

/** Different events that came through: for ours those that are stored, for a peer those that arrived. */
export function keptOf(row) {
  return row.stored ?? row.arrived
}

function lossCell(rows) {
  if (rows.length === 0) return '–'
  const early = rows.map(({ beforeReopen = 0 }) => beforeReopen)
  const isAllEarly = rows.every((row, index) => early[index] > 0 && early[index] === row.arrived)
  const details = [
    isAllEarly && 'all before reopen',
    !isAllEarly && Math.max(...early) > 0 && `${range(early)} before reopen`,
    rows.some(({ duplicates }) => duplicates > 0) &&
      `sent twice ${range(rows.map(({ duplicates }) => duplicates))}`,
    rows.some(({ storedTwice }) => storedTwice) &&
      `stored twice ${range(rows.map(({ storedTwice }) => storedTwice))}`,
    rows.some(({ nudged }) => nudged > 0) &&
      `${range(rows.map(({ nudged }) => nudged))} at the next call only`,
  ].filter(Boolean)
  const kept = range(rows.map(keptOf))
  return details.length > 0 ? `${kept} (${details.join(', ')})` : kept
}

/** Ours must be full in every cell, and nothing stored twice: a sentence for each run that is not. */
export function judgeLoss(rows) {
  const ours = rows.filter(({ sdk }) => sdk === 'tributary')
  const broken = ours.filter((row) => row.error || row.stored < row.events || row.storedTwice > 0)
  if (ours.length > 0 && broken.length === 0) {
    return [`loss: ${ours.length} runs, every event stored once: ${verdict(true)}`]
  }
  return broken.map(
    ({ scenario, events, stored, storedTwice, error }) =>
      `loss, ${scenario}: ${error ?? `${stored} of ${events} stored, ${storedTwice} twice`}: ${verdict(false)}`,
  )
}

function quantile(ordered, share) {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0
}

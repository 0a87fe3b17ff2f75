import { medianOf, range, verdict } from '../figures.mjs'
import { formatNumber, table } from '../markdown.mjs'
import { FAULTS } from './faults.mjs'
import { OWN } from './peers.mjs'

/** What the design allows ours, as shares of the best peer's processor time in the same run. */
const BUDGETS = { tributary: 0.3, 'tributary-disk': 0.5 }

/** The medians of each SDK's rounds in one manner of calling. */
export function summarise(rows, manner) {
  const of = rows.filter((row) => row.manner === manner)
  return [...new Set(of.map(({ sdk }) => sdk))].map((sdk) => {
    const rounds = of.filter((row) => row.sdk === sdk)
    const median = (pick) => medianOf(rounds.map((row) => pick(row) ?? Number.NaN))
    return {
      sdk,
      rounds: rounds.length,
      events: rounds[0].events,
      delivered: Math.min(...rounds.map(({ delivered }) => delivered)),
      duplicates: Math.max(...rounds.map(({ duplicates }) => duplicates)),
      perSecond: median(({ delivered, wallMs }) => (1000 * delivered) / wallMs),
      cpuS: median(({ cpuS, delivered }) => (cpuS * 100_000) / delivered),
      idleMb: median(({ idleMb }) => idleMb),
      peakMb: median(({ peakMb }) => peakMb),
      callUs: median(({ callUs }) => callUs),
      slowCallUs: median(({ slowCallUs }) => slowCallUs),
      longestMs: median(({ longestMs }) => longestMs),
      requests: median(({ requests }) => requests),
      connections: median(({ connections }) => connections),
      bytesPerEvent: median(({ bytes, delivered }) => bytes / delivered),
    }
  })
}

/** @param {ReturnType<typeof summarise>} summaries */
export function speedTable(summaries) {
  return table(
    [
      'delivered',
      'events/s',
      'CPU s per 100,000',
      'memory MB, idle → peak',
      'call µs, median / p99',
      'longest call ms',
      'requests',
      'connections',
      'bytes an event',
      'rounds',
    ],
    summaries.map((row) => [
      row.sdk,
      `${row.delivered.toLocaleString('en')} of ${row.events.toLocaleString('en')}`,
      formatNumber(row.perSecond),
      formatNumber(row.cpuS),
      `${formatNumber(row.idleMb)} → ${formatNumber(row.peakMb)}`,
      `${formatNumber(row.callUs)} / ${formatNumber(row.slowCallUs)}`,
      formatNumber(row.longestMs),
      formatNumber(row.requests),
      formatNumber(row.connections),
      formatNumber(row.bytesPerEvent),
      row.rounds,
    ]),
  )
}

/**
 * Ours against the budgets, a sentence for each. A peer that has not delivered every event has not done the work, and is
 * not compared with.
 *
 * @param {ReturnType<typeof summarise>} summaries
 */
export function judgeSpeed(summaries) {
  const best = summaries
    .filter(({ sdk, delivered, events }) => !OWN.includes(sdk) && delivered >= events)
    .sort((a, b) => a.cpuS - b.cpuS)[0]
  return Object.entries(BUDGETS).flatMap(([sdk, budget]) => {
    const ours = summaries.find((row) => row.sdk === sdk)
    if (!ours || !best) return []
    const ratio = ours.cpuS / best.cpuS
    const isKept = ratio <= budget && ours.delivered === ours.events && ours.duplicates === 0
    return `${sdk}: ${formatNumber(ours.cpuS)} s, ${formatNumber(ratio)} of the best peer's ${formatNumber(best.cpuS)} (${best.sdk}); budget ${budget}: ${verdict(isKept)}`
  })
}

/** @param {import('./faults.mjs').FaultRow[]} rows */
export function faultTable(rows) {
  const faults = Object.keys(FAULTS)
  return table(
    faults,
    [...new Set(rows.map(({ sdk }) => sdk))].map((sdk) => [
      sdk,
      ...faults.map((fault) => faultCell(cellRows(rows, sdk, fault))),
    ]),
  )
}

/** The repetitions of one SDK under one fault. */
export function cellRows(rows, sdk, fault) {
  return rows.filter((row) => row.sdk === sdk && row.fault === fault)
}

function faultCell(rows) {
  if (rows.length === 0) return '–'
  const details = [
    rows.some(({ beforeRestart, arrived }) => beforeRestart < arrived) &&
      `${range(rows.map(({ beforeRestart }) => beforeRestart))} before its restart`,
    rows.some(({ duplicates }) => duplicates > 0) &&
      `sent twice ${range(rows.map(({ duplicates }) => duplicates))}`,
    rows.some(({ faults }) => faults.length > 0) && 'threw into the process',
  ].filter(Boolean)
  const arrived = range(rows.map((row) => row.arrived))
  return details.length > 0 ? `${arrived} (${details.join(', ')})` : arrived
}

/** The queue in memory ends with its process; the one on disk must be full in every column. */
export function judgeFaults(rows) {
  const ours = rows.filter(({ sdk }) => sdk === 'tributary-disk')
  const broken = ours.filter(({ arrived, events, faults }) => arrived < events || faults.length > 0)
  if (ours.length > 0 && broken.length === 0) {
    return [
      `faults: ${ours.length} runs with the queue on disk, every event arrived: ${verdict(true)}`,
    ]
  }
  return broken.map(
    ({ fault, arrived, events, faults }) =>
      `faults, ${fault}: ${arrived} of ${events} arrived ${faults.join('; ')}: ${verdict(false)}`,
  )
}

import { verdict } from '../figures.mjs'
import { formatNumber, table } from '../markdown.mjs'

/** Dollars for a million events at ten a call, on top of what the collector takes (design, budgets). */
const BUDGET_DOLLARS = 0.3
/** Median of a read while the shard is being fed. */
const BUDGET_READ_MS = 10

/** What a load is called in tables and plots. */
export function nameOf({ eventsPerCall, comeBack }) {
  return `${eventsPerCall}, ${comeBack ? 'come back' : 'new'}`
}

export function loadTable(loads) {
  const titles = [
    'events',
    'people',
    'events/s, with the lake',
    'rows an event',
    '$ a million events',
    'read while fed, median / p95 ms',
    'reads',
    'read when cold, ms',
    'KiB an event on disk',
  ]
  const rows = loads.map((load) => [
    nameOf(load),
    ...[load.events, load.people, load.eventsPerSecond].map((value) => Math.round(value)),
    load.rowsPerEvent.toFixed(3),
    load.dollarsPerMillion.toFixed(3),
    `${formatNumber(load.readMs)} / ${formatNumber(load.read95Ms)}`,
    load.reads,
    formatNumber(load.coldMs),
    ((load.mebibytes * 1024) / load.events).toFixed(2),
  ])
  return table(titles, rows)
}

/** The budgets, and whether they are kept. */
export function judge(loads) {
  return loads
    .filter(({ eventsPerCall }) => eventsPerCall === 10)
    .flatMap((load) => [
      `${nameOf(load)}: $${load.dollarsPerMillion.toFixed(2)} a million events; budget ${BUDGET_DOLLARS}: ${verdict(load.dollarsPerMillion <= BUDGET_DOLLARS)}`,
      `${nameOf(load)}: ${formatNumber(load.readMs)} ms to read a profile while fed; budget ${BUDGET_READ_MS}: ${verdict(load.readMs <= BUDGET_READ_MS)}`,
    ])
}

export function componentTable(components) {
  const titles = ['records', 'from nothing, ms', 'a known pair, ms', 'a new pair, ms']
  const rows = components.map(({ identifiers, records, ...times }) => [
    `${identifiers.toLocaleString('en')} identifiers`,
    records.toLocaleString('en'),
    ...Object.values(times).map(formatNumber),
  ])
  return table(titles, rows)
}

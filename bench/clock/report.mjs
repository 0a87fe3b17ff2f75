import { formatNumber, table } from '../markdown.mjs'

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/** Two Markdown tables of the results of a simulation. */
export function toMarkdown(results) {
  const errors = ({ p50, p95, p99, max }) => [p50, p95, p99, max].map(formatMs).join(' · ')
  const faults = ({ overMinute, inversions }) =>
    `${formatNumber(overMinute * 100)} % · ${formatNumber(inversions)}`
  return [
    'Error in the time of an event: median · 95 % · 99 % · greatest.',
    tableOf(results, errors),
    'Events more than a minute off · pairs of successive events in the wrong order, per device.',
    tableOf(results, faults),
  ].join('\n\n')
}

function tableOf(results, cell) {
  const labels = Object.keys(Object.values(results)[0])
  return table(
    labels,
    Object.entries(results).map(([name, row]) => [
      name,
      ...labels.map((label) => cell(row[label])),
    ]),
  )
}

function formatMs(ms) {
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, 'ms']
  return ms === 0 ? '0' : `${formatNumber(ms / size)} ${unit}`
}

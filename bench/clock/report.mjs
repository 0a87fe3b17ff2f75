const BEGIN = '<!-- clock:begin -->'
const END = '<!-- clock:end -->'

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
    '',
    ...table(results, errors),
    '',
    'Events more than a minute off · pairs of successive events in the wrong order, per device.',
    '',
    ...table(results, faults),
  ].join('\n')
}

/** A document with the tables between its markers. */
export function withTables(document, tables) {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`The document has no ${BEGIN} … ${END}.`)
  return `${document.slice(0, begin + BEGIN.length)}\n${tables}\n${document.slice(end)}`
}

function table(results, cell) {
  const labels = Object.keys(Object.values(results)[0])
  return [
    `| | ${labels.join(' | ')} |`,
    `|---|${labels.map(() => '---').join('|')}|`,
    ...Object.entries(results).map(
      ([name, row]) => `| ${name} | ${labels.map((label) => cell(row[label])).join(' | ')} |`,
    ),
  ]
}

function formatMs(ms) {
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, 'ms']
  return ms === 0 ? '0' : `${formatNumber(ms / size)} ${unit}`
}

/** Three figures at most, so that the table is the same wherever it is made. */
function formatNumber(value) {
  if (value >= 100) return String(Math.round(value))
  return String(Number(value.toPrecision(2)))
}

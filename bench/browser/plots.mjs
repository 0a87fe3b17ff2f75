import { barPlot, gridPlot, rangePlot } from '../svg.mjs'
import { SCENARIOS } from './loss-scenarios.mjs'
import { cellRows, keptOf } from './report.mjs'

/** @param {import('./size.mjs').SizeRow[]} rows Those of whole SDKs are drawn, parts are not. */
export function sizePlot(rows) {
  const kib = (size) => size && size.brotli / 1024
  const whole = rows.filter(({ name }) => !/, (?!all)/.test(name))
  return barPlot({
    title: 'What a page loads',
    unit: 'KiB, brotli 11',
    series: ['script tag', 'npm, one import'],
    rows: ascending(
      whole.map(({ name, script, first }) => ({ name, values: [kib(script), kib(first)] })),
      ({ values }) => values[0] ?? values[1],
    ),
  })
}

/** @param {ReturnType<typeof import('./report.mjs').summarise>} summaries */
export function timePlot(summaries) {
  const active = summaries.filter(({ sdk }) => sdk !== 'noop')
  const most = Math.max(...active.flatMap(({ burst, paced }) => [burst.delivered, paced.delivered]))
  return barPlot({
    title: 'Main-thread time to record and deliver 1,000 events',
    unit: 'ms; *: not all of them were delivered',
    series: ['in one burst', 'ten every 20 ms'],
    rows: ascending(
      active.map(({ sdk, burst, paced }) => ({
        name: Math.min(burst.delivered, paced.delivered) < most ? `${sdk} *` : sdk,
        values: [burst.mainMs, paced.mainMs],
      })),
      ({ values }) => values[0],
    ),
  })
}

/** @param {ReturnType<typeof import('./report.mjs').summarise>} summaries */
export function callPlot(summaries) {
  return rangePlot({
    title: 'What one call of track costs its caller',
    unit: 'µs, by orders of magnitude',
    series: ['median', '99th percentile'],
    rows: ascending(
      summaries.map(({ sdk, callUs, slowCallUs }) => ({ name: sdk, values: [callUs, slowCallUs] })),
      ({ values }) => values[0],
    ),
  })
}

/** @param {import('./loss.mjs').LossRow[]} rows */
export function lossPlot(rows) {
  const scenarios = Object.keys(SCENARIOS)
  const sdks = [...new Set(rows.map(({ sdk }) => sdk))]
  return gridPlot({
    title: 'Events that came through, the worst repetition of each',
    note: '×: some arrived more than once; of ours, were stored more than once',
    columns: scenarios.map((name) => ({ name, note: `of ${SCENARIOS[name].events}` })),
    rows: sdks.map((name) => ({
      name,
      cells: scenarios.map((scenario) =>
        lossCell(cellRows(rows, name, scenario), SCENARIOS[scenario]),
      ),
    })),
  })
}

function lossCell(rows, { events }) {
  if (rows.length === 0) return { text: '–' }
  const kept = Math.min(...rows.map(keptOf))
  const isTwice = rows.some((row) => (row.storedTwice ?? row.duplicates) > 0)
  return { share: kept / events, text: isTwice ? `${kept} ×` : String(kept) }
}

function ascending(rows, by) {
  return rows.sort((a, b) => by(a) - by(b))
}

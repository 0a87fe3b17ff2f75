import { barPlot, gridPlot, rangePlot } from '../svg.mjs'
import { FAULTS } from './faults.mjs'
import { cellRows } from './report.mjs'

/** @param {ReturnType<typeof import('./report.mjs').summarise>[]} manners The windowed calls, and the bursts. */
export function cpuPlot([windowed, burst]) {
  const burstOf = (sdk) => burst.find((row) => row.sdk === sdk)
  return barPlot({
    title: 'Processor time to deliver 100,000 events',
    unit: 'seconds; *: not all of them were delivered',
    series: ['a flush after each 1,000', 'as fast as they can be made'],
    rows: windowed
      .map(({ sdk, cpuS, delivered, events }) => ({
        name: Math.min(delivered, burstOf(sdk)?.delivered ?? events) < events ? `${sdk} *` : sdk,
        // One that never came to its end was not measured.
        values: [cpuS, burstOf(sdk)?.cpuS].map((value) =>
          Number.isFinite(value) ? value : undefined,
        ),
      }))
      .sort((a, b) => a.values[0] - b.values[0]),
  })
}

/** @param {ReturnType<typeof import('./report.mjs').summarise>} summaries */
export function memoryPlot(summaries) {
  return rangePlot({
    title: 'Memory while 100,000 events are made as fast as they can be',
    unit: 'MB resident, before and at the peak; by orders of magnitude',
    series: ['before', 'peak'],
    rows: summaries
      .filter(({ peakMb }) => Number.isFinite(peakMb))
      .map(({ sdk, idleMb, peakMb }) => ({ name: sdk, values: [idleMb, peakMb] }))
      .sort((a, b) => a.values[1] - b.values[1]),
  })
}

/** @param {import('./faults.mjs').FaultRow[]} rows */
export function faultPlot(rows) {
  const events = rows[0]?.events ?? 0
  return gridPlot({
    title: `Of ${events.toLocaleString('en')} events, those that arrived; the worst repetition of each`,
    note: '×: some came more than once',
    columns: Object.keys(FAULTS).map((name) => ({ name, note: '' })),
    rows: [...new Set(rows.map(({ sdk }) => sdk))].map((name) => ({
      name,
      cells: Object.keys(FAULTS).map((fault) => {
        const cell = cellRows(rows, name, fault)
        if (cell.length === 0) return { text: '–' }
        const least = Math.min(...cell.map(({ arrived }) => arrived))
        const isTwice = cell.some(({ duplicates }) => duplicates > 0)
        return { share: least / events, text: isTwice ? `${least} ×` : String(least) }
      }),
    })),
  })
}

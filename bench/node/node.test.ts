import { expect, test } from 'vitest'
import { FAULTS, measureFaults } from './faults.mjs'
import { cpuPlot, faultPlot, memoryPlot } from './plots.mjs'
import { faultTable, judgeFaults, judgeSpeed, speedTable, summarise } from './report.mjs'
import { measureSpeed } from './speed.mjs'

/** A round in which an SDK took so many seconds of the processor. */
function speedRow(sdk: string, cpuS: number, delivered = 1000): object {
  const figures = { idleMb: 1, peakMb: 2, callUs: 1, slowCallUs: 2, longestMs: 1, requests: 1 }
  const row = { sdk, manner: 'burst', events: 1000, delivered, duplicates: 0, wallMs: 1, cpuS }
  return { ...row, ...figures, connections: 1, bytes: 1 }
}

test('a short round counts what ours and the control deliver, and what it costs', async () => {
  const rows = await measureSpeed({
    sdks: ['baseline', 'tributary'],
    manners: ['windowed', 'burst'],
    events: 2000,
    rounds: 1,
    capMs: 30_000,
  })
  for (const row of rows) expect(row).toMatchObject({ delivered: 2000, duplicates: 0 })
  const [windowed, burst] = ['windowed', 'burst'].map((manner) => summarise(rows, manner))
  for (const { cpuS, peakMb, callUs, requests } of [...windowed, ...burst]) {
    expect(Math.min(cpuS, peakMb, callUs, requests)).toBeGreaterThan(0)
  }
  expect(speedTable(burst)).toContain('| tributary | 2,000 of 2,000 |')
  expect(cpuPlot([windowed, burst])).toContain('>tributary</text>')
  expect(memoryPlot(burst)).toContain('>baseline</text>')
})

test('ours is compared with the best peer that delivered everything, and with no control', () => {
  const peers = [speedRow('baseline', 0.1), speedRow('posthog', 10), speedRow('snowplow', 1, 900)]
  expect(judgeSpeed(summarise([speedRow('tributary', 2.9), ...peers], 'burst'))).toEqual([
    expect.stringMatching(/^tributary: 290 s, 0\.29 of the best peer's 1,000 \(posthog\).*kept$/),
  ])
  expect(judgeSpeed(summarise([speedRow('tributary', 3.1), ...peers], 'burst'))).toEqual([
    expect.stringMatching(/BROKEN$/),
  ])
  expect(judgeSpeed(summarise([speedRow('tributary', 1, 999), ...peers], 'burst'))).toEqual([
    expect.stringMatching(/BROKEN$/),
  ])
})

test('what a process that ends at once has not sent is missing in the table', async () => {
  const [fault] = Object.keys(FAULTS).filter((name) => name === 'process.exit')
  const plan = { faults: [fault as string], events: 200, repetitions: 1, atOnce: 2 }
  const rows = await measureFaults({ ...plan, sdks: ['tributary'], quietMs: 1000 })
  expect(rows).toMatchObject([{ arrived: 0, beforeRestart: 0, faults: [] }])
  expect(faultTable(rows)).toContain('| tributary |')
  expect(faultPlot(rows)).toContain('>tributary</text>')
  const lost = { ...rows[0], sdk: 'tributary-disk' }
  expect(judgeFaults([lost])).toEqual([expect.stringMatching(/process\.exit: 0 of 200.*BROKEN$/)])
  const kept = { ...lost, arrived: 200 }
  expect(judgeFaults([kept])).toEqual([expect.stringMatching(/kept$/)])
})

import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startSink } from '../peers/sink.mjs'
import { eventsOf } from '../peers/wire.mjs'
import { moduleOf } from './bundle.mjs'
import { lossPlot, sizePlot, timePlot } from './plots.mjs'
import { judgeLoss, judgeTime, lossTable, sizeTable, summarise, timeTable } from './report.mjs'
import { measureOurs } from './size.mjs'
import { measureTime } from './time.mjs'

const EVENTS = 100

/** A round in which a burst and paced calls took `burst` and `paced` milliseconds of the main thread. */
function timeRow(sdk: string, burst: number, paced: number, delivered = 1000): object {
  const calls = { callMs: [1], longTasksMs: [], requests: 1, preflights: 0, bytes: 1, delivered }
  return {
    ...{ sdk, throttle: 1, round: 0, evaluateMs: 1, initMs: 1, readyMs: 1, heapKib: 1 },
    burst: { ...calls, mainMs: burst },
    paced: { ...calls, mainMs: paced },
  }
}

/** A run of ours of which `stored` events are in the export. */
function lossRow(stored: number, storedTwice: number): object {
  const run = { sdk: 'tributary', scenario: 'close20', events: 20, beforeReopen: 20 }
  return { ...run, arrived: 20, nudged: 0, duplicates: 20, drainMs: 0, stored, storedTwice }
}

test('the size table has the script and the import of ours, and no form of it is larger packed than raw', async () => {
  const rows = await measureOurs()
  const [ours] = rows
  for (const size of [ours?.script, ours?.first, ours?.all]) {
    expect(size.brotli).toBeGreaterThan(3000)
    expect(size.brotli).toBeLessThan(size.gzip)
    expect(size.gzip).toBeLessThan(size.raw)
  }
  const parts = rows.slice(0, -1).reduce((sum, { script }) => sum + script.brotli, 0)
  expect(rows.at(-1)?.script.brotli).toBeGreaterThan(ours?.script.brotli as number)
  expect(rows.at(-1)?.script.brotli).toBeLessThan(parts)
  expect(sizeTable(rows)).toMatch(/^\| tributary \|.*\d+\.\d \/ \d+\.\d \/ \d+\.\d/m)
  expect(sizePlot(rows)).toContain('>tributary, all parts</text>')
})

test('what an import loads at once leaves out what it loads later', async () => {
  const bytes = async (code: string) => {
    const { first, all } = await moduleOf(code, true)
    return { first: first.reduce((sum, file) => sum + file.length, 0), all: all.length }
  }
  const whole = await bytes("export { TributaryBrowser } from '@tributary/browser'")
  const later = await bytes("export const load = () => import('@tributary/browser')")
  expect(whole.first).toBe(whole.all)
  expect(later.first).toBeLessThan(500)
  expect(later.all).toBeGreaterThan(whole.all)
})

test('a short round times ours and a call that does nothing', { timeout: 120_000 }, async () => {
  const rows = await measureTime({
    series: [{ throttle: 1, rounds: 1, sdks: ['noop', 'tributary'] }],
    events: EVENTS,
  })
  expect(rows.map(({ error }) => error)).toEqual([undefined, undefined])
  const [noop, ours] = summarise(rows, 1)
  expect(noop).toMatchObject({ sdk: 'noop', burst: { delivered: 0, requests: 0 } })
  expect(ours).toMatchObject({
    sdk: 'tributary',
    burst: { delivered: EVENTS },
    paced: { delivered: EVENTS },
  })
  for (const figure of ['evaluateMs', 'readyMs', 'heapKib', 'callUs', 'slowCallUs', 'syncMs']) {
    expect(ours?.[figure as 'callUs'], figure).toBeGreaterThan(0)
  }
  expect(ours?.burst.mainMs).toBeGreaterThan(noop?.burst.mainMs as number)
  expect(ours?.paced.requests).toBeGreaterThan(0)
  expect(rows[1]?.paced.callMs).toHaveLength(EVENTS / 10)
  expect(timeTable([ours])).toContain(`| ${EVENTS} / ${EVENTS} |`)
})

test('ours is compared with the best peer that delivered everything, and with no control', () => {
  const rows = [
    timeRow('tributary', 100, 300),
    timeRow('baseline', 50, 50),
    timeRow('snowplow', 250, 200),
    timeRow('jitsu', 10, 10, 999),
  ]
  expect(judgeTime(summarise(rows, 1))).toEqual([
    expect.stringMatching(/^burst: .* 0\.4 of .*250 \(snowplow\).*kept$/),
    expect.stringMatching(/^paced: .* 1\.5 of .*200 \(snowplow\).*BROKEN$/),
    expect.stringMatching(/^longest task: .*kept$/),
    'delivered: 1000 of 1000: kept',
  ])
  expect(timePlot(summarise(rows, 1))).toContain('>jitsu *</text>')
})

test('one event that is missing or stored twice breaks the loss table', () => {
  expect(judgeLoss([lossRow(20, 0)])).toEqual([expect.stringContaining('kept')])
  const rows = [lossRow(20, 0), lossRow(19, 0), lossRow(20, 1)]
  expect(judgeLoss(rows)).toEqual([
    expect.stringMatching(/19 of 20 .*BROKEN/),
    expect.stringMatching(/20 of 20 stored, 1 twice.*BROKEN/),
  ])
  const cell = '19–20 (all before reopen, sent twice 20, stored twice 0–1)'
  expect(lossTable(rows)).toContain(cell)
  expect(lossPlot(rows)).toContain('>19 ×</text>')
})

test('the sink tells different events from copies, and says which were accepted', async () => {
  const sink = await startSink()
  const send = (...numbers: number[]) =>
    fetch(`http://127.0.0.1:${sink.port}/v1/batch`, {
      method: 'POST',
      body: JSON.stringify({
        verdicts: true,
        batch: numbers.map((number) => ({
          messageId: `id${number}`,
          properties: { marker: `mk_run_${number}_km` },
        })),
      }),
    })
  expect(await (await send(1, 2)).json()).toMatchObject({
    results: { id1: { status: 'accepted' }, id2: { status: 'accepted' } },
  })
  await send(2, 3)
  sink.fail(10_000)
  expect((await send(4)).status).toBe(503)
  expect(sink.arrived('run')).toEqual({ unique: 3, duplicates: 1, ids: 3 })
  expect(sink.arrived('other')).toEqual({ unique: 0, duplicates: 0, ids: 0 })
  await sink.down()
  await expect(send(5)).rejects.toThrow()
})

test.for<[string, string | Buffer]>([
  ['an object', '{"event":"a"}'],
  ['an array', '[{"event":"a"}]'],
  ['a batch', '{"batch":[{"event":"a"}]}'],
  ['lines', '{"event":"a"}\n'],
  ['gzip', gzipSync('{"events":[{"event":"a"}]}')],
  ['a form', `data=${encodeURIComponent('[{"event":"a"}]')}`],
  ['a form with base64', `data=${encodeURIComponent(btoa('{"event":"a"}'))}`],
  ['base64', btoa('[{"event":"a"}]')],
])('events are read out of %s', ([, body]) => {
  expect(eventsOf(Buffer.from(body))).toEqual([{ event: 'a' }])
})

import { setTimeout as sleep } from 'node:timers/promises'
import { startSink } from '../peers/sink.mjs'
import { scriptOf } from './bundle.mjs'
import { launchBrowser, newPage, servePages, USER_AGENT } from './page.mjs'

/** How long the sink waits before it answers, as a near server would. */
const LATENCY_MS = 20
/** An SDK that has delivered nothing new for so long will not: some wait for their next call. */
const QUIET_MS = 7000
const MAX_DRAIN_MS = 40_000

/**
 * What one SDK cost in one round.
 *
 * @typedef {object} TimeRow
 * @property {string} sdk
 * @property {number} throttle How many times slower the processor was made.
 * @property {number} round
 * @property {string} [error] Why there is nothing else.
 * @property {number} evaluateMs Compiling and running the script.
 * @property {number} initMs The call that starts the SDK.
 * @property {number} readyMs From that call until the SDK says that it is ready.
 * @property {number} heapKib JavaScript heap a second later, less that of the empty page, both after a collection.
 * @property {CallsRow} burst All calls in one task.
 * @property {CallsRow} paced Ten calls every 20 ms.
 *
 * @typedef {object} CallsRow
 * @property {number[]} callMs Time of each run of calls: of all of them in a burst, else of each ten.
 * @property {number} mainMs Processor time of all that the main thread did until the last event was delivered
 *   (`TaskDuration`).
 * @property {number} delivered Different events that arrived.
 * @property {number[]} longTasksMs Tasks of 50 ms and more.
 * @property {number} requests
 * @property {number} preflights
 * @property {number} bytes Of the bodies, as sent.
 */

/**
 * Measures every SDK of a series once in each of its rounds, in turn, so that what else the machine does falls on all. The
 * order moves on by one from round to round.
 *
 * @param {{ series: { throttle: number, rounds: number, sdks: string[] }[], events?: number,
 *   onRow?: (row: TimeRow) => void }} plan `events` for each manner of calling, by default 1000.
 * @returns {Promise<TimeRow[]>}
 */
export async function measureTime({ series, events = 1000, onRow = () => {} }) {
  const rows = []
  const pages = await servePages(true)
  try {
    for (const { throttle, rounds, sdks } of series) {
      for (const sdk of sdks) await scriptOf(sdk)
      for (let round = 0; round < rounds; round++) {
        const browser = await launchBrowser()
        const order = sdks.map((_, index) => sdks[(index + round) % sdks.length])
        for (const sdk of order) {
          const run = { sdk, throttle, round }
          const row = { ...run, ...(await measureOne(browser, pages.origin, run, events)) }
          rows.push(row)
          onRow(row)
        }
        await browser.close()
      }
    }
  } finally {
    pages.close()
  }
  return rows
}

async function measureOne(browser, origin, { sdk, throttle, round }, events) {
  const sink = await startSink({ latencyMs: LATENCY_MS })
  let visit
  try {
    visit = await startSdk(browser, origin, sink, { sdk, throttle })
    const { times } = visit
    const isSilent = sdk === 'noop'
    const calls = {}
    for (const manner of ['burst', 'paced']) {
      // What is left of a burst must not be paid for by the paced calls.
      if (!isSilent && calls.burst && calls.burst.delivered < events) {
        await visit.context.close()
        visit = await startSdk(browser, origin, sink, { sdk, throttle })
      }
      const tag = `${manner}${round}x${throttle}`
      calls[manner] = await measureCalls(visit, sink, { tag, manner, events, isSilent })
    }
    return { ...times, ...calls }
  } catch (error) {
    return { error: error.message.slice(0, 200) }
  } finally {
    await visit?.context.close()
    await sink.down()
  }
}

/** A page of a visitor who is new, with the SDK started, and what that took. */
async function startSdk(browser, origin, sink, { sdk, throttle }) {
  const context = await browser.newContext({ userAgent: USER_AGENT })
  const page = await newPage(context)
  await page.goto(origin)
  const meter = await openMeter(page, throttle)
  const times = await measureStart(page, meter, await scriptOf(sdk), sink.port)
  return { context, page, meter, times }
}

/** The browser's own counters of a page. */
async function openMeter(page, throttle) {
  const session = await page.context().newCDPSession(page)
  // The thread's processor time: what the machine does besides is no part of it.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await session.send('HeapProfiler.enable')
  const read = async (wanted) => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === wanted).value
  }
  const meter = {
    mainMs: async () => 1000 * (await read('TaskDuration')),
    async heapKib() {
      await session.send('HeapProfiler.collectGarbage')
      return (await read('JSHeapUsedSize')) / 1024
    },
    emptyHeapKib: 0,
  }
  meter.emptyHeapKib = await meter.heapKib()
  if (throttle > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: throttle })
  return meter
}

async function measureStart(page, meter, code, port) {
  await sleep(150)
  const evaluateMs = await page.evaluate((text) => globalThis.bench.evaluate(text), code)
  const endpoint = `http://127.0.0.1:${port}`
  const times = await page.evaluate((to) => globalThis.bench.start(to, false), endpoint)
  await sleep(1000)
  return { evaluateMs, ...times, heapKib: (await meter.heapKib()) - meter.emptyHeapKib }
}

async function measureCalls({ page, meter }, sink, { tag, manner, events, isSilent }) {
  await page.evaluate(() => void globalThis.bench.takeLongTasks())
  const [trafficBefore, mainBefore] = [sink.traffic(), await meter.mainMs()]
  const callMs = await page.evaluate(
    ([name, run, count]) =>
      name === 'burst' ? globalThis.bench.burst(run, count) : globalThis.bench.paced(run, 0, count),
    [manner, tag, events],
  )
  const delivered = isSilent ? 0 : await drain(sink, tag, events)
  const mainMs = (await meter.mainMs()) - mainBefore
  const traffic = sink.traffic()
  const longTasksMs = await page.evaluate(() => globalThis.bench.takeLongTasks())
  await sleep(300)
  return {
    callMs,
    mainMs,
    delivered,
    longTasksMs,
    requests: traffic.requests - trafficBefore.requests,
    preflights: traffic.preflights - trafficBefore.preflights,
    bytes: traffic.bytes - trafficBefore.bytes,
  }
}

/** Waits until all events of a run are there, or no more come. */
async function drain(sink, tag, events) {
  const giveUpAt = Date.now() + MAX_DRAIN_MS
  let { unique } = sink.arrived(tag)
  let changedAt = Date.now()
  while (unique < events && Date.now() < giveUpAt && Date.now() < changedAt + QUIET_MS) {
    await sleep(100)
    const now = sink.arrived(tag).unique
    if (now !== unique) changedAt = Date.now()
    unique = now
  }
  // The answer to the last of them has its price too.
  await sleep(300)
  return unique
}

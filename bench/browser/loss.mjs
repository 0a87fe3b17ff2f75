import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSink } from '../peers/sink.mjs'
import { startCollector } from './collector.mjs'
import { endProcessesOf } from './kill.mjs'
import { SCENARIOS } from './loss-scenarios.mjs'
import { newPage, openProfile, servePages } from './page.mjs'

const LATENCY_MS = 50
/** A visitor who is gone comes back after so long, or longer. */
const AWAY_MS = 1500
/** Longer than the longest pause that an SDK makes between two attempts here. */
const QUIET_MS = 20_000
const MAX_DRAIN_MS = 90_000
/** An SDK that has delivered all may still send some twice. */
const AFTERMATH_MS = 4000
/** An SDK that waits for a further call before it sends is given one, and so long. */
const NUDGED_QUIET_MS = 10_000
const MAX_RUN_MS = 220_000

/**
 * What became of the events of one SDK in one scenario.
 *
 * @typedef {object} LossRow
 * @property {string} sdk
 * @property {string} scenario
 * @property {number} events How many were made.
 * @property {string} [error] Why there is nothing else.
 * @property {number} [beforeReopen] Different events that had arrived before the visitor came back, where the page went.
 * @property {number} arrived Different events that arrived.
 * @property {number} nudged How many of these needed a further call of the SDK.
 * @property {number} duplicates Copies beyond the first on the wire.
 * @property {number} [stored] Different events in the collector's export; ours only.
 * @property {number} [storedTwice] Copies beyond the first in the export; ours only.
 * @property {number} drainMs From the visitor's return to the last event.
 */

/**
 * Runs every scenario with every SDK, several browsers at a time, since nearly all of it is waiting. Our own requests are
 * passed on to a collector, whose export says in the end what is stored.
 *
 * @param {{ runs: { sdk: string, scenario: string }[], atOnce: number, onRow?: (row: LossRow) => void }} plan
 * @returns {Promise<LossRow[]>}
 */
export async function measureLoss({ runs, atOnce, onRow = () => {} }) {
  const pages = await servePages()
  const collector = await startCollector()
  const waiting = runs.map((run, index) => ({ ...run, tag: `run${index}` }))
  const rows = []
  async function work() {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      const row = await measureOne(run, pages.origin, collector.url)
      rows.push(row)
      onRow(row)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work))
    const stored = await collector.countStored()
    return rows.map(({ tag, ...row }) =>
      row.sdk === 'tributary' && !row.error
        ? { ...row, ...(stored.get(tag) ?? { stored: 0, storedTwice: 0 }) }
        : row,
    )
  } finally {
    await collector.stop()
    pages.close()
  }
}

async function measureOne({ sdk, scenario, tag }, origin, collectorUrl) {
  const upstream = sdk === 'tributary' ? collectorUrl : undefined
  const sink = await startSink({ latencyMs: LATENCY_MS, upstream })
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-loss-'))
  const visitor = await createVisitor(folder, { sdk, tag, origin, sink })
  const row = { sdk, scenario, tag, events: SCENARIOS[scenario].events }
  try {
    const outcome = runScenario(visitor, sink, tag, SCENARIOS[scenario])
    const late = sleep(MAX_RUN_MS, undefined, { ref: false }).then(() => {
      throw new Error('It took too long.')
    })
    return { ...row, ...(await Promise.race([outcome, late])) }
  } catch (error) {
    return { ...row, error: error.message.slice(0, 200) }
  } finally {
    await visitor.leave()
    await sink.down()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function runScenario(visitor, sink, tag, { events, stays, run }) {
  await run(visitor.world)
  if (!stays) await sleep(AWAY_MS)
  const beforeReopen = stays ? {} : { beforeReopen: sink.arrived(tag).unique }
  const page = stays ? visitor.lastPage() : await visitor.world.open()
  const drainMs = await drain(sink, tag, events, QUIET_MS)
  const unaided = sink.arrived(tag).unique
  if (unaided < events) {
    await page.evaluate((name) => void globalThis.bench.track(name, 0, 1), `${tag}nudge`)
    await drain(sink, tag, events, NUDGED_QUIET_MS)
  }
  const { unique, duplicates } = sink.arrived(tag)
  return { ...beforeReopen, arrived: unique, nudged: unique - unaided, duplicates, drainMs }
}

/** A browser on a profile of its own, and what happens to it. */
async function createVisitor(folder, { sdk, tag, origin, sink }) {
  let context = await openProfile(folder)
  let last

  async function startSdk(page, isCold = false) {
    await page.addScriptTag({ url: `${origin}/sdk/${sdk}.js` })
    const how = [`http://127.0.0.1:${sink.port}`, !isCold]
    const started = page.evaluate(([to, view]) => globalThis.bench.start(to, view), how)
    if (isCold) started.catch(() => {})
    else await started
  }

  const world = {
    tag,
    origin,
    startSdk,
    fail: sink.fail,
    async open(isCold) {
      last = await newPage(context)
      await last.goto(origin)
      await startSdk(last, isCold)
      return last
    },
    async goOffline() {
      await context.setOffline(true)
      await sink.down()
    },
    async goOnline() {
      await sink.up()
      await context.setOffline(false)
    },
    async crash(page) {
      const session = await context.newCDPSession(page)
      // No answer can come from a page that has crashed.
      session.send('Page.crash').catch(() => {})
      await sleep(700)
      await page.close()
      await sleep(300)
    },
    async kill() {
      endProcessesOf(folder)
      await sleep(1000)
      await context.close().catch(() => {})
      context = await openProfile(folder)
    },
  }
  return { world, lastPage: () => last, leave: () => context.close().catch(() => {}) }
}

/** Waits until all events of a run are there, or no more come; gives the time until the last one came. */
async function drain(sink, tag, events, quietMs) {
  const startedAt = Date.now()
  let changedAt = startedAt
  let unique = -1
  for (;;) {
    const now = sink.arrived(tag).unique
    if (now !== unique) changedAt = Date.now()
    unique = now
    if (unique >= events) await sleep(AFTERMATH_MS)
    const isOver = Date.now() > startedAt + MAX_DRAIN_MS || Date.now() > changedAt + quietMs
    if (unique >= events || isOver) return changedAt - startedAt
    await sleep(300)
  }
}

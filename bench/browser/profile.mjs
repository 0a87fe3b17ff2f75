import { table } from '../markdown.mjs'
import { startSink } from '../peers/sink.mjs'
import { scriptOf } from './bundle.mjs'
import { launchBrowser, newPage, servePages, USER_AGENT } from './page.mjs'

const EVENTS = 1000
const MAX_DRAIN_MS = 20_000
const MOST = 25

/**
 * Where our main-thread time goes, as V8's sampling profiler has it: for a burst and for paced calls, the functions that
 * took longest by themselves, and with all that they called. `(program)` is the browser's own work outside of scripts. The
 * profiler has its price too: compare shares, not times.
 *
 * @returns {Promise<string>} Markdown.
 */
export async function profileOurs() {
  const pages = await servePages()
  const sink = await startSink({ latencyMs: 20 })
  const browser = await launchBrowser()
  const parts = []
  try {
    for (const manner of ['burst', 'paced']) {
      const context = await browser.newContext({ userAgent: USER_AGENT })
      const page = await newPage(context)
      await page.goto(pages.origin)
      const profile = await record(page, sink, manner)
      await context.close()
      parts.push(`${manner}, ms:\n\n${tableOf(profile)}`)
    }
  } finally {
    await browser.close()
    await sink.down()
    pages.close()
  }
  return parts.join('\n\n')
}

async function record(page, sink, manner) {
  const session = await page.context().newCDPSession(page)
  const code = await scriptOf('tributary', false)
  await page.evaluate((text) => globalThis.bench.evaluate(text), code)
  const endpoint = `http://127.0.0.1:${sink.port}`
  await page.evaluate((to) => globalThis.bench.start(to, false), endpoint)
  await page.waitForTimeout(1000)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: 100 })
  await session.send('Profiler.start')
  await page.evaluate(
    ([name, count]) =>
      name === 'burst'
        ? globalThis.bench.burst(name, count)
        : globalThis.bench.paced(name, 0, count),
    [manner, EVENTS],
  )
  const giveUpAt = Date.now() + MAX_DRAIN_MS
  while (sink.arrived(manner).unique < EVENTS && Date.now() < giveUpAt) {
    await page.waitForTimeout(100)
  }
  await page.waitForTimeout(300)
  return (await session.send('Profiler.stop')).profile
}

/** @param {{ nodes: object[], samples: number[], timeDeltas: number[] }} profile As the DevTools protocol has it. */
function tableOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((to) => [to, id])))
  const own = new Map()
  const whole = new Map()
  const add = (sums, name, us) => sums.set(name, (sums.get(name) ?? 0) + us / 1000)
  samples.forEach((id, index) => {
    const us = timeDeltas[index + 1] ?? 0
    add(own, nameOf(byId.get(id)), us)
    const names = new Set()
    for (let at = id; at !== undefined; at = parents.get(at)) names.add(nameOf(byId.get(at)))
    for (const name of names) add(whole, name, us)
  })
  const [first, second] = [largest(own), largest(whole)]
  return table(
    ['by itself', '', 'with its calls', ''],
    first.map((row, index) => [index + 1, ...row, ...(second[index] ?? ['', ''])]),
  )
}

function nameOf({ callFrame: { functionName, lineNumber } }) {
  const name = functionName || 'anonymous'
  return lineNumber >= 0 ? `${name}:${lineNumber + 1}` : name
}

function largest(sums) {
  return [...sums]
    .filter(([name]) => !/^\((idle|root)\)$/.test(name))
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([name, ms]) => [name, ms.toFixed(1)])
}

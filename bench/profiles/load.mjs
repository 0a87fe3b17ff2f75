import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRuntime } from '../../packages/cli/dist/runtime.js'
import { medianOf, sorted } from '../figures.mjs'
import { PRICE } from '../prices.mjs'

/** Each round has so many events of every person that occurs in it: some who come in every round, or others each time. */
export const LOADS = [1, 10, 50].flatMap((eventsPerCall) =>
  [true, false].map((comeBack) => ({ eventsPerCall, comeBack })),
)

const TOKEN = 'at_bench_profiles'
const KEY = 'wk_bench_profiles'

const EVENTS_PER_REQUEST = 100

/** People who are read once after a restart, when nothing is in memory. */
const COLD_READS = 100

/**
 * Feeds one shard of profiles through a whole collector, its lake included, and reads profiles meanwhile.
 *
 * @param {{ eventsPerCall: number, comeBack: boolean }} load
 * @param {{ rounds: number, events: number, people: number }} size
 */
export async function measureLoad(load, size) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tributary-bench-'))
  try {
    const fed = await withCollector(dataDirectory, (url) => feed(url, load, size))
    const coldMs = await withCollector(dataDirectory, (url) => readAll(url, fed.people))
    return { ...load, ...fed, coldMs: medianOf(coldMs), mebibytes: mebibytesIn(dataDirectory) }
  } finally {
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

async function withCollector(dataDirectory, use) {
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port: 0,
    dataDirectory,
    siteDirectory: undefined,
    bindings: { TRIBUTARY_WRITE_KEY: KEY, TRIBUTARY_ADMIN_TOKEN: TOKEN },
    onExit: () => process.exit(1),
  })
  try {
    return await use(`http://127.0.0.1:${await runtime.ready}`)
  } finally {
    await runtime.stop()
  }
}

async function feed(url, { eventsPerCall, comeBack }, { rounds, events, people }) {
  let drainMs = 0
  let calls = 0
  const readMs = []
  for (let round = 0; round < rounds; round++) {
    const known = Math.max(comeBack ? Math.min(people, calls) : calls, 1)
    const made = []
    for (; made.length < events; calls += 1) {
      const person = comeBack ? calls % people : calls
      made.push(...eventsOf(person, round, made.length, eventsPerCall))
    }
    while (made.length > 0) await send(url, made.splice(0, EVENTS_PER_REQUEST))
    let isDrained = false
    const start = performance.now()
    const drained = call(url, '/api/drain', 'POST').then(() => {
      isDrained = true
      drainMs += performance.now() - start
    })
    while (!isDrained && round > 0) readMs.push(await read(url, (readMs.length * 7) % known))
    await drained
  }
  const { operations, profiles } = await (await call(url, '/api/stats')).json()
  const stored = profiles.reduce((sum, shard) => sum + shard.events, 0)
  const profileCalls = operations.profileCalls - readMs.length
  const dollars =
    operations.profileRowsWritten * PRICE.rowWritten + profileCalls * PRICE.objectRequest
  return {
    events: stored,
    people: comeBack ? Math.min(people, calls) : calls,
    eventsPerSecond: stored / (drainMs / 1000),
    rowsPerEvent: operations.profileRowsWritten / stored,
    dollarsPerMillion: dollars * (1e6 / stored),
    reads: readMs.length,
    readMs: medianOf(readMs),
    read95Ms: sorted(readMs)[Math.floor(readMs.length * 0.95)],
  }
}

/** A visitor on one device, who signs in with the first event of every call. */
function eventsOf(person, round, made, count) {
  return Array.from({ length: count }, (_, index) => ({
    type: index === 0 ? 'identify' : 'track',
    ...(index > 0 && { event: 'Product Viewed', properties: { sku: `sku-${index}`, price: 9.5 } }),
    ...(index === 0 && { traits: { plan: 'pro', visits: round } }),
    userId: `user-${person}`,
    anonymousId: `device-${person}`,
    messageId: `m-${round}-${made}-${index}`,
    context: { page: { url: 'https://shop.example/products/42', title: 'A product' } },
  }))
}

async function readAll(url, people) {
  const readMs = []
  for (let n = 0; n < Math.min(people, COLD_READS); n++) readMs.push(await read(url, n))
  return readMs
}

async function send(url, batch) {
  const body = JSON.stringify({ writeKey: KEY, batch })
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', body })
  if (!response.ok) throw new Error(`The collector answered ${response.status}.`)
  await response.text()
}

async function read(url, person) {
  const start = performance.now()
  await (await call(url, `/api/profiles/userId:user-${person}`)).text()
  return performance.now() - start
}

async function call(url, path, method = 'GET') {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const attempt = () => fetch(`${url}${path}`, { method, headers })
  // A connection that was idle may be closed just as it is used again.
  const response = await attempt().catch(attempt)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response
}

/** What the profiles have on disk. */
function mebibytesIn(dataDirectory) {
  const files = readdirSync(dataDirectory, { recursive: true, withFileTypes: true })
  const sizes = files
    .filter((file) => file.isFile() && /profiles/i.test(file.parentPath))
    .map((file) => statSync(join(file.parentPath, file.name)).size)
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { addRecords, buildProfiles, emptyState } from '@tributary/identity'
import { startRuntime } from '../../packages/cli/dist/runtime.js'
import { table } from '../markdown.mjs'
import { PRICE } from '../prices.mjs'

/**
 * What profiles cost and how fast they are: `npm run bench -- profiles`. Each round is one drained range, in which every person
 * that occurs has so many events; one shard of profiles, fed through the whole collector, its lake included.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'events-per-round': { type: 'string', default: '2000' },
    people: { type: 'string', default: '400' },
  },
})
const ROUNDS = Number(values.rounds)
const EVENTS_PER_ROUND = Number(values['events-per-round'])
const PEOPLE = Number(values.people)
const EVENTS_PER_CALL = [1, 10, 50]
const COMPONENT_SIZES = [100, 1000, 10_000]
const TOKEN = 'at_bench_profiles'
const KEY = 'wk_bench_profiles'

const rows = []
for (const eventsPerCall of EVENTS_PER_CALL) rows.push(await measure(eventsPerCall))
print(rows)
print(COMPONENT_SIZES.map(measureComponent))

function print(records) {
  const [, ...titles] = Object.keys(records[0])
  console.log(`${Object.keys(records[0])[0]}:\n${table(titles, records.map(Object.values))}\n`)
}

async function measure(eventsPerCall) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'tributary-bench-'))
  const runtime = await startRuntime({
    host: '127.0.0.1',
    port: 0,
    dataDirectory,
    siteDirectory: undefined,
    bindings: { TRIBUTARY_WRITE_KEY: KEY, TRIBUTARY_ADMIN_TOKEN: TOKEN },
    onExit: () => process.exit(1),
  })
  try {
    return await run(`http://127.0.0.1:${await runtime.ready}`, eventsPerCall)
  } finally {
    await runtime.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

async function run(url, eventsPerCall) {
  let drainMs = 0
  let person = 0
  const latencies = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let sent = 0; sent < EVENTS_PER_ROUND; sent += eventsPerCall) {
      await send(url, eventsOf(person++ % PEOPLE, round, sent, eventsPerCall))
    }
    let isDrained = false
    const start = performance.now()
    const drained = call(url, '/api/drain', 'POST').then(() => {
      isDrained = true
      drainMs += performance.now() - start
    })
    while (!isDrained && round > 0) latencies.push(await read(url, (latencies.length * 7) % PEOPLE))
    await drained
  }
  const { operations, profiles } = await (await call(url, '/api/stats')).json()
  const [{ events }] = profiles
  const perMillion = 1e6 / events
  const reads = latencies.length
  const calls = operations.profileCalls - reads
  const cost = operations.profileRowsWritten * PRICE.rowWritten + calls * PRICE.objectRequest
  latencies.sort((a, b) => a - b)
  return {
    'events a person and call': eventsPerCall,
    events,
    'events/s, with the lake': Math.round(events / (drainMs / 1000)),
    'rows written an event': (operations.profileRowsWritten / events).toFixed(3),
    '$ per million events': (cost * perMillion).toFixed(3),
    'read under load, median ms': at(latencies, 0.5),
    'p95 ms': at(latencies, 0.95),
    reads,
  }
}

/** A visitor on one device, who signs in with the first event of every call. */
function eventsOf(person, round, sent, count) {
  return Array.from({ length: count }, (_, index) => ({
    type: index === 0 ? 'identify' : 'track',
    ...(index > 0 && { event: 'Product Viewed', properties: { sku: `sku-${index}`, price: 9.5 } }),
    ...(index === 0 && { traits: { plan: 'pro', visits: round } }),
    userId: `user-${person}`,
    anonymousId: `device-${person}`,
    messageId: `m-${round}-${sent}-${index}`,
    context: { page: { url: 'https://shop.example/products/42', title: 'A product' } },
  }))
}

async function send(url, batch) {
  const body = JSON.stringify({ writeKey: KEY, batch })
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', body })
  if (!response.ok) throw new Error(`The collector answered ${response.status}.`)
  await response.text()
}

async function read(url, person) {
  const start = performance.now()
  const response = await fetch(`${url}/api/profiles/userId:user-${person}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  await response.text()
  return performance.now() - start
}

async function call(url, path, method = 'GET') {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const response = await fetch(`${url}${path}`, { method, headers })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response
}

function at(sorted, part) {
  return (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(1)
}

/** One component of so many identifiers and ten times as many records: from nothing, and one event more. */
function measureComponent(identifiers) {
  const records = Array.from({ length: identifiers * 10 }, (_, index) => ({
    type: 'track',
    messageId: `m${index}`,
    timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    anonymousId: `a${index % identifiers}`,
    context: { device: { id: `d${index % Math.ceil(identifiers / 5)}` } },
  }))
  const state = emptyState()
  addRecords(state, records)
  return {
    identifiers,
    records: records.length,
    'from nothing, ms': time(() => buildProfiles(records)),
    'a known pair, ms': time(() => addRecords(state, [{ ...records[7], messageId: 'one-more' }])),
    'a new pair, ms': time(() =>
      addRecords(state, [{ ...records[7], messageId: 'new', anonymousId: 'new' }]),
    ),
  }
}

function time(work) {
  const start = performance.now()
  work()
  return (performance.now() - start).toFixed(1)
}

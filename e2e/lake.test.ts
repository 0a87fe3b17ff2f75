import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, expect, test } from 'vitest'
import {
  type Collector,
  callApi,
  type Event,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

const folder = newFolder()
let collector: Collector

afterEach(async () => {
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

test('DuckDB reads the exported lake, and its counts agree with the API', async () => {
  collector = await startCollector(await freePort(), join(folder, 'data'))
  const { url } = collector
  for (let batch = 0; batch < 20; batch++) {
    const events = Array.from({ length: 25 }, (_, index) => ({
      type: index % 5 === 0 ? 'page' : 'track',
      event: index % 2 === 0 ? 'Even' : 'Odd',
      anonymousId: `person-${index}`,
      messageId: `m-${batch}-${index}`,
      properties: { price: index / 2, name: 'Schöne „Größe“ 😀\n' },
    }))
    const body = JSON.stringify({ writeKey: WRITE_KEY, batch: events })
    expect((await fetch(`${url}/v1/batch`, { method: 'POST', body })).status).toBe(200)
  }

  // Files as the lake lays them out: one folder per source and date, gzipped NDJSON.
  const today = new Date().toISOString().slice(0, 10)
  const lake = join(folder, 'lake', 'events', 'source=demo', `date=${today}`)
  mkdirSync(lake, { recursive: true })
  const exported = await (await callApi(url, '/api/events/export?source=demo')).text()
  writeFileSync(join(lake, 'export.ndjson.gz'), gzipSync(exported))

  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const files = join(folder, 'lake', 'events', '**', '*.ndjson.gz')
  const query = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjectsJson()
  await duckdb.run(`CREATE VIEW events AS
    SELECT * FROM read_json_auto('${files}', format = 'newline_delimited', hive_partitioning = true)`)

  const [total] =
    await query(`SELECT count(*)::INT AS events, count(DISTINCT messageId)::INT AS ids,
    count(DISTINCT anonymousId)::INT AS people FROM events WHERE source = 'demo'`)
  expect(total).toEqual({ events: 500, ids: 500, people: 25 })
  const { sources } = (await (await callApi(url, '/api/stats')).json()) as {
    sources: Record<string, { accepted: number }>
  }
  expect(sources.demo?.accepted).toBe(500)

  for (const { type, events } of await query(
    'SELECT type, count(*)::INT AS events FROM events GROUP BY type',
  )) {
    const listed = (await (await callApi(url, `/api/events?limit=1000&type=${type}`)).json()) as {
      events: Event[]
    }
    expect(listed.events.length, `${type}`).toBe(events)
  }
  const [named] = await query(
    "SELECT properties.name AS name FROM events WHERE messageId = 'm-3-4'",
  )
  expect(named).toEqual({ name: 'Schöne „Größe“ 😀\n' })
  duckdb.closeSync()
})

/** Copies the lake's files as they lie there. */
async function copyLake(url: string, to: string): Promise<string[]> {
  rmSync(to, { recursive: true, force: true })
  const answer = (await (await callApi(url, '/api/lake?prefix=events/')).json()) as {
    objects: { key: string }[]
  }
  const keys = answer.objects.map(({ key }) => key)
  for (const key of keys) {
    const file = join(to, key)
    mkdirSync(dirname(file), { recursive: true })
    const content = await callApi(url, `/api/lake/${key}`)
    writeFileSync(file, new Uint8Array(await content.arrayBuffer()))
  }
  return keys
}

test('the view of docs/lake.sql has every event once in every state of a compaction', async () => {
  collector = await startCollector(await freePort(), join(folder, 'compacted'))
  const { url } = collector
  let sent = 0
  const send = async () => {
    const batch = Array.from({ length: 25 }, (_, index) => ({
      type: index % 5 === 0 ? 'page' : 'track',
      event: index % 2 === 0 ? 'Even' : 'Odd',
      anonymousId: `person-${index}`,
      messageId: `m-${sent++}`,
      timestamp: '2026-01-31T12:00:00.123Z',
      properties: { price: index / 2, name: 'Schöne „Größe“ 😀\n', nothing: '\0' },
      ownField: { of: 'the client' },
    }))
    const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
    expect((await fetch(`${url}/v1/batch`, { method: 'POST', body })).status).toBe(200)
    await callApi(url, '/api/drain', 'POST')
  }
  const today = new Date().toISOString().slice(0, 10)
  const compact = (graceSeconds: number) =>
    callApi(url, `/api/compact?date=${today}&graceSeconds=${graceSeconds}`, 'POST')

  const lake = join(folder, 'copied')
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
  const query = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjectsJson()
  await duckdb.run(`SET VARIABLE lake = '${lake}'`)
  const view = readFileSync(join(ROOT, 'docs/lake.sql'), 'utf8')
  const [columns, values] = [
    'count(*)::INT AS events, count(DISTINCT messageId)::INT AS ids, sum(price)::DOUBLE AS total',
    "SELECT messageId, (properties->>'$.price')::DOUBLE AS price FROM events WHERE source = 'demo'",
  ]
  const check = async () => {
    await duckdb.run(view)
    const [sums] = await query(`SELECT ${columns} FROM (${values})`)
    expect(sums).toEqual({ events: sent, ids: sent, total: (sent / 25) * 150 })
    const [row] = await query(
      "SELECT event, timestamp::VARCHAR AS time, date::VARCHAR AS date, properties->>'$.name' AS name FROM events WHERE messageId = 'm-4'",
    )
    expect(row).toEqual({
      event: 'Even',
      time: '2026-01-31 12:00:00.123',
      date: today,
      name: 'Schöne „Größe“ 😀\n',
    })
  }

  await send()
  await send()
  await compact(3600)
  await send()
  // Everything compacted so far is there in both forms, and what came later in one.
  const keys = await copyLake(url, lake)
  expect(keys.filter((key) => key.endsWith('.ndjson.gz')).length).toBeGreaterThan(2)
  expect(keys.filter((key) => key.endsWith('.parquet'))).toHaveLength(1)
  await check()

  // A further file is written, but its commit was cut off: the manifest is still the one before.
  const manifest = keys.find((key) => key.endsWith('_manifest.json')) as string
  const before = readFileSync(join(lake, manifest))
  await compact(3600)
  expect((await copyLake(url, lake)).filter((key) => key.endsWith('.parquet'))).toHaveLength(2)
  writeFileSync(join(lake, manifest), before)
  await check()

  // Both files count, and nothing is deleted yet.
  await copyLake(url, lake)
  await check()

  // What they replaced is gone, and new objects come.
  await compact(0)
  await send()
  const after = await copyLake(url, lake)
  expect(after.filter((key) => key.endsWith('.ndjson.gz')).length).toBeLessThan(keys.length)
  await check()

  const [rest] = await query(
    `SELECT rest->>'$.ownField.of' AS own, typeof(receivedAt) AS time FROM read_parquet('${lake}/events/*/*/*.parquet') LIMIT 1`,
  )
  expect(rest).toEqual({ own: 'the client', time: 'TIMESTAMP' })
  duckdb.closeSync()
})

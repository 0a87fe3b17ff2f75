import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, expect, test } from 'vitest'
import {
  type Collector,
  callApi,
  type Event,
  freePort,
  newFolder,
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

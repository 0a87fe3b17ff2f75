import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, expect, test } from 'vitest'
import {
  ADMIN_TOKEN,
  type Collector,
  callApi,
  exportEvents,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

const folder = newFolder()
const data = join(folder, 'data')
let collector: Collector

afterEach(async () => {
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

/** Of the person that is erased; each stands in several events. */
const VALUES = [
  'ann.canary@example.com',
  'user-canary',
  'device-canary',
  'Ann Canary',
  'secret-canary',
]

const today = new Date().toISOString().slice(0, 10)

async function send(batch: object[]): Promise<void> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const response = await fetch(`${collector.url}/v1/batch`, { method: 'POST', body })
  expect(response.status).toBe(200)
}

/** Events of Ann's and of four others, and something that is refused; ids begin with what they are of. */
function events(round: string): object[] {
  const ann = { anonymousId: 'device-canary', context: { page: { title: 'secret-canary' } } }
  const traits = { email: 'ann.canary@example.com', name: 'Ann Canary' }
  return [
    { type: 'identify', userId: 'user-canary', ...ann, traits, messageId: `ann-i-${round}` },
    ...Array.from({ length: 10 }, (_, index) => ({
      type: 'track',
      event: 'Seen',
      messageId: `${index % 2 ? 'ann' : 'other'}-${round}-${index}`,
      ...(index % 2 ? ann : { anonymousId: `device-${index}`, properties: { index } }),
    })),
    { type: 'nope', messageId: `refused-${round}`, traits: { email: 'Ann.Canary@example.com' } },
    { type: 'nope', messageId: `refused-other-${round}`, userId: 'somebody' },
  ]
}

async function ask(operation: string, body: object): Promise<{ id: string; status: string }> {
  const response = await fetch(`${collector.url}/api/privacy/${operation}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { id: string; status: string }
}

async function idsStored(): Promise<string[]> {
  const stored = await exportEvents(collector.url)
  return stored
    .filter(({ source }) => source === 'demo')
    .map(({ messageId }) => messageId as string)
    .sort()
}

/** Everything that a file holds, as text: its own bytes, and what they unpack to. */
async function textsOf(file: string): Promise<string[]> {
  const bytes = readFileSync(file)
  const texts = [bytes.toString('latin1')]
  if (bytes.readUInt16BE(0) === 0x1f8b) texts.push(gunzipSync(bytes).toString())
  if (bytes.subarray(0, 4).toString() === 'PAR1') {
    const copy = join(folder, 'copy.parquet')
    writeFileSync(copy, bytes)
    const duckdb = await (await DuckDBInstance.create(':memory:')).connect()
    const rows = await duckdb.runAndReadAll(`SELECT * FROM read_parquet('${copy}')`)
    texts.push(JSON.stringify(rows.getRowObjectsJson()))
    duckdb.closeSync()
  }
  return texts
}

/** Files below the data directory that hold any of the values. */
async function filesWith(values: readonly string[]): Promise<string[]> {
  const found: string[] = []
  const entries = readdirSync(data, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name)
    if (readFileSync(file).length < 4) continue
    const texts = (await textsOf(file)).map((text) => text.toLowerCase())
    for (const value of values) {
      const times = texts.filter((text) => text.includes(value.toLowerCase())).length
      if (times > 0) found.push(`${file.slice(data.length)}: ${value}`)
    }
  }
  return found
}

test('an erased person is in no file any more, however often the collector is killed meanwhile, and everybody else is', async () => {
  const port = await freePort()
  collector = await startCollector(port, data)
  const { url } = collector
  // In Parquet, in the objects of the lake, and in the journals.
  await send(events('parquet'))
  await callApi(url, '/api/drain', 'POST')
  await callApi(url, `/api/compact?date=${today}&graceSeconds=0`, 'POST')
  await send(events('lake'))
  await callApi(url, '/api/drain', 'POST')
  await send(events('journal'))
  const others = (await idsStored()).filter((id) => id.startsWith('other'))
  expect(others).toHaveLength(15)
  expect(await filesWith(VALUES)).not.toEqual([])

  const order = { id: 'email:ann.canary@example.com', requestId: 'dsr-1' }
  for (const killAfterMs of [150, 700]) {
    const asked = ask('erase', order).catch(() => undefined)
    await sleep(killAfterMs)
    await collector.kill()
    await asked
    // What a killed collector may leave of a file that it was about to write.
    const orphan = `${'0123456789abcdef'.repeat(4)}00000190${killAfterMs.toString(16).padStart(8, '0')}`
    writeFileSync(join(data, 'r2', 'LAKE', 'blobs', orphan), VALUES.join())
    collector = await startCollector(port, data)
  }
  let request = await ask('erase', order)
  for (let tries = 0; request.status !== 'done' && tries < 100; tries++) {
    await sleep(200)
    const answer = await callApi(url, '/api/privacy/requests/dsr-1')
    request = (await answer.json()) as typeof request
  }
  expect(request).toMatchObject({ status: 'done', counts: { events: 18 } })
  expect(await idsStored()).toEqual(others)
  expect(await filesWith(VALUES)).toEqual([])

  // Everything again, and one that is late.
  await send(events('parquet'))
  await send(events('journal'))
  const late = { type: 'track', event: 'Late', messageId: 'ann-late', timestamp: '2026-01-01' }
  await send([{ ...late, userId: 'user-canary', properties: { note: 'secret-canary' } }])
  await callApi(url, '/api/drain', 'POST')
  expect(await idsStored()).toEqual(others)
  expect(await filesWith(VALUES)).toEqual([])
  const profile = await fetch(`${url}/api/profiles/userId:user-canary`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  expect(profile.status).toBe(404)
})

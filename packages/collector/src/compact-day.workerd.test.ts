import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import { compactDay, type DayOutcome, emptyReport } from './compact-day.ts'
import type { Manifest } from './core/compaction.ts'
import { manifestKey } from './core/lake-key.ts'
import type { CollectorEnv } from './env.ts'
import { exportEvents } from './export-events.ts'
import { listRecords } from './list-records.ts'

const bindings = env as unknown as CollectorEnv
const { LAKE } = bindings
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }
const TODAY = new Date().toISOString().slice(0, 10)
const HOUR_MS = 60 * 60 * 1000

afterEach(async () => {
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

/** Stores events in so many objects of the lake, and gives their ids. */
async function storeEvents(objects: number, perObject = 5, name = 'm') {
  const ids: string[] = []
  for (let object = 0; object < objects; object++) {
    const batch = Array.from({ length: perObject }, (_, index) => ({
      type: 'track',
      event: `E${index % 2}`,
      userId: `u${index}`,
      messageId: `${name}-${object}-${index}`,
      properties: { text: '\0 „ü“ \ud800', nested: [{ index }] },
      own: { rest: index },
    }))
    ids.push(...batch.map(({ messageId }) => messageId))
    const body = JSON.stringify({ writeKey: 'wk_open', batch })
    expect((await worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })).status).toBe(200)
    await admin('/api/drain', 'POST')
  }
  return ids.sort()
}

function admin(path: string, method = 'GET') {
  return worker.fetch(`${HOST}${path}`, { method, headers: ADMIN })
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
async function compact(query = `?source=open&date=${TODAY}&graceSeconds=0`): Promise<any> {
  return (await admin(`/api/compact${query}`, 'POST')).json()
}

async function keys(end: string) {
  return (await LAKE.list()).objects.map(({ key }) => key).filter((key) => key.endsWith(end))
}

// biome-ignore lint/suspicious/noExplicitAny: stored events are open JSON
type Event = Record<string, any>

async function exported(query = ''): Promise<Event[]> {
  const response = await admin(`/api/events/export${query}`)
  const text = new TextDecoder().decode(await response.arrayBuffer())
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
}

async function listed(query: string): Promise<Event[]> {
  const events: Event[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await admin(`/api/events?limit=7${query}${cursor && `&cursor=${cursor}`}`)
    const answer = (await page.json()) as { events: Event[]; cursor: string | null }
    events.push(...answer.events)
    cursor = answer.cursor
  }
  return events
}

function idsOf(events: Event[]) {
  return events.map(({ messageId }) => messageId as string).sort()
}

/** Runs a compaction to its end, and calls `between` before it and after every step. */
async function compactStepwise(between: () => Promise<void>, graceMs = 0): Promise<DayOutcome> {
  const steps = compactDay(LAKE, 'open', TODAY, graceMs, Date.now, emptyReport())
  for (;;) {
    await between()
    const step = await steps.next()
    if (step.done) {
      await between()
      return step.value
    }
  }
}

describe('a compacted day', () => {
  test('is one file in place of many, with the same events in it', async () => {
    const ids = await storeEvents(4)
    const [before, listedBefore] = [await exported(), await listed('')]
    const objects = (await keys('.ndjson.gz')).length
    expect(objects).toBeGreaterThanOrEqual(4)
    expect(await compact()).toMatchObject({
      success: true,
      partsWritten: 1,
      objectsCompacted: objects,
      objectsDeleted: objects,
      events: 20,
      more: false,
      days: [{ source: 'open', date: TODAY, outcome: 'settled' }],
    })
    expect(await keys('.ndjson.gz')).toEqual([])
    expect(await keys('.parquet')).toHaveLength(1)
    expect(idsOf(before)).toEqual(ids)
    const byId = (a: Event, b: Event) => (a.messageId < b.messageId ? -1 : 1)
    expect((await exported()).sort(byId)).toEqual(before.sort(byId))
    expect(await listed('')).toEqual(listedBefore)
  })

  test('is listed with the same filters, and exported by the same ranges', async () => {
    await storeEvents(3)
    const all = await exported()
    const times = all.map(({ receivedAt }) => receivedAt as string).sort()
    const middle = times[7] as string
    const questions = [() => listed('&userId=u3'), () => listed('&messageId=m-1-2')]
    const ranges = [`?from=${middle}`, `?to=${middle}`, `?from=${times[2]}&to=${times.at(-1)}`]
    const before = [
      ...(await Promise.all(questions.map((ask) => ask()))),
      ...(await Promise.all(ranges.map((range) => exported(range)))),
    ].map(idsOf)
    await compact()
    const after = [
      ...(await Promise.all(questions.map((ask) => ask()))),
      ...(await Promise.all(ranges.map((range) => exported(range)))),
    ].map(idsOf)
    expect(after).toEqual(before)
    expect(before[0]).toHaveLength(3)
    expect(before[1]).toEqual(['m-1-2'])
  })

  test('takes what reaches it later into a further file', async () => {
    const ids = await storeEvents(2)
    await compact()
    ids.push(...(await storeEvents(1, 5, 'late')))
    expect(idsOf(await exported())).toEqual(ids.sort())
    expect(await compact()).toMatchObject({ partsWritten: 1, events: 5 })
    expect(await keys('.parquet')).toHaveLength(2)
    expect(await keys('.ndjson.gz')).toEqual([])
    expect(idsOf(await exported())).toEqual(ids)
    expect(idsOf(await listed(''))).toEqual(ids)
    expect(await compact()).toMatchObject({ partsWritten: 0, objectsDeleted: 0, more: false })
  })

  test('keeps a person’s events in their order', async () => {
    await storeEvents(5)
    const order = async () =>
      (await exported()).filter(({ userId }) => userId === 'u2').map(({ messageId }) => messageId)
    const before = await order()
    await compact()
    expect(await order()).toEqual(before)
    expect(before).toHaveLength(5)
  })
})

describe('while a day is compacted', () => {
  test('every reader sees every event once, in every state', async () => {
    const ids = await storeEvents(3)
    let states = 0
    const outcome = await compactStepwise(async () => {
      states += 1
      expect(idsOf(await exported())).toEqual(ids)
      expect(idsOf(await listed(''))).toEqual(ids)
    })
    expect(outcome).toBe('settled')
    expect(states).toBeGreaterThanOrEqual(4)
  })

  test('a file without a commit counts for nothing, and the repeat takes it over', async () => {
    const ids = await storeEvents(3)
    const steps = compactDay(LAKE, 'open', TODAY, HOUR_MS, Date.now, emptyReport())
    await steps.next()
    const written = await keys('.parquet')
    await LAKE.delete(manifestKey('open', TODAY))
    expect(idsOf(await exported())).toEqual(ids)
    expect(idsOf(await listed(''))).toEqual(ids)
    await compact()
    expect(await keys('.parquet')).toEqual(written)
    expect(idsOf(await exported())).toEqual(ids)
  })

  test('a second compaction does no harm', async () => {
    const ids = await storeEvents(3)
    const late = compactDay(LAKE, 'open', TODAY, 0, Date.now, emptyReport())
    await Promise.all([
      compactStepwise(async () => undefined),
      compactStepwise(async () => undefined),
      late.next(),
    ])
    while (!(await late.next()).done);
    await compact()
    expect(idsOf(await exported())).toEqual(ids)
    expect(idsOf(await listed(''))).toEqual(ids)
    expect(await keys('.ndjson.gz')).toEqual([])
  })

  test('what was replaced stays for as long as readers may need it', async () => {
    await storeEvents(2)
    const objects = await keys('.ndjson.gz')
    const day = { source: 'open', date: TODAY, outcome: 'waiting' }
    expect((await compact(`?source=open&date=${TODAY}`)).days).toEqual([day])
    expect(await keys('.ndjson.gz')).toEqual(objects)
    const inAnHour = () => Date.now() + HOUR_MS + 1
    const steps = compactDay(LAKE, 'open', TODAY, HOUR_MS, inAnHour, emptyReport())
    while (!(await steps.next()).done);
    expect(await keys('.ndjson.gz')).toEqual([])
  })

  test('nothing is deleted while a file that replaces it is missing', async () => {
    await storeEvents(2)
    await compact(`?source=open&date=${TODAY}`)
    const objects = await keys('.ndjson.gz')
    await LAKE.delete(await keys('.parquet'))
    expect(
      (await admin(`/api/compact?source=open&date=${TODAY}&graceSeconds=0`, 'POST')).status,
    ).toBe(503)
    expect(await keys('.ndjson.gz')).toEqual(objects)
  })

  test('a page that began before it lists an event once, though the day was drained and compacted meanwhile', async () => {
    const ids = await storeEvents(1)
    const body = JSON.stringify({
      writeKey: 'wk_open',
      batch: [{ type: 'track', event: 'E', userId: 'u', messageId: 'm-9' }],
    })
    await worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })
    const list = LAKE.list.bind(LAKE)
    let interfered = false
    const slowLake = new Proxy(LAKE, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (name !== 'list') return typeof value === 'function' ? value.bind(target) : value
        return async (options: R2ListOptions) => {
          // The journals have answered by now, and the lake is not yet listed.
          if (!interfered) {
            interfered = true
            await compact()
          }
          return list(options)
        }
      },
    })
    const page = await listRecords({ ...bindings, LAKE: slowLake }, 2, 'events', {}, 100)
    expect(page.lines.map((line) => JSON.parse(line).messageId).sort()).toEqual(
      [...ids, 'm-9'].sort(),
    )
  })
})

test('an export goes on through a compaction, and has every event once', async () => {
  const ids = await storeEvents(4)
  const stream = await exportEvents(bindings, 2, {})
  const reader = stream.getReader()
  const first = await reader.read()
  await compact(`?source=open&date=${TODAY}`)
  let text = new TextDecoder().decode(first.value)
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += new TextDecoder().decode(chunk.value)
  }
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
  expect(idsOf(events)).toEqual(ids)
})

test('the manifest says what counts, in words that any reader can follow', async () => {
  await storeEvents(2)
  await compact()
  const manifest = (await (await LAKE.get(manifestKey('open', TODAY)))?.json()) as Manifest
  const [part] = manifest.parts
  expect(manifest).toMatchObject({ version: 1, settled: true })
  expect([part?.key]).toEqual(await keys('.parquet'))
  expect(part).toMatchObject({ events: 10 })
  expect(Object.keys(manifest.compactedThrough).length).toBeGreaterThan(0)
})

test.for([
  ['?nonsense=1', 'unknown_parameter'],
  ['?source=../x', 'invalid_parameter'],
  ['?date=2026-02-30', 'invalid_parameter'],
  ['?date=today', 'invalid_parameter'],
  ['?graceSeconds=-1', 'invalid_parameter'],
  ['?graceSeconds=soon', 'invalid_parameter'],
])('POST /api/compact%s is refused as %s', async ([query, code]) => {
  const response = await admin(`/api/compact${query}`, 'POST')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ success: false, code })
})

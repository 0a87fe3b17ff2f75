import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import { defineConfig } from './config.ts'
import { readJson } from './core/read-json.ts'
import type { CollectorEnv } from './env.ts'
import { recordEvents } from './intake.ts'

const bindings = env as unknown as CollectorEnv
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }
/** As the Worker under test has it. */
const config = defineConfig({ sources: [{ id: 'open', writeKeys: ['wk_open'] }], shards: 2 })
const HOUR_MS = 60 * 60 * 1000

afterEach(async () => {
  await reset()
  for (const { key } of (await bindings.LAKE.list()).objects) await bindings.LAKE.delete(key)
})

/** Puts a payload into quarantine as if it had come then, under a rule that has been mended since. */
async function quarantine(payload: unknown, code = 'plan_violation', ageMs = HOUR_MS) {
  const source = config.sources[0]
  if (!source) throw new Error('no source')
  const facts = { source, receivedAtMs: Date.now() - ageMs }
  const refusal = { code, message: 'A rule of yesterday.' }
  await recordEvents(bindings, config, facts, [{ raw: payload, refusal }])
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
async function replay(order: unknown = {}): Promise<any> {
  const body = JSON.stringify(order)
  const url = `${HOST}/api/quarantine/replay`
  return (await worker.fetch(url, { method: 'POST', headers: ADMIN, body })).json()
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
async function api(path: string): Promise<any> {
  return (await worker.fetch(`${HOST}${path}`, { headers: ADMIN })).json()
}

function send(...batch: unknown[]) {
  const body = JSON.stringify({ writeKey: 'wk_open', batch })
  return worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })
}

function track(messageId: string, more = {}) {
  return { type: 'track', event: 'E', userId: 'u1', messageId, ...more }
}

test('what passes today is stored, received now, and as of its first arrival otherwise', async () => {
  const then = Date.now() - HOUR_MS
  const sentAt = new Date(then + 5 * HOUR_MS).toISOString()
  const timestamp = new Date(then + 5 * HOUR_MS - 60_000).toISOString()
  await quarantine(track('m1', { timestamp, sentAt, receivedAt: 'mine' }))
  const [record] = (await api('/api/quarantine')).quarantine
  const before = Date.now()
  expect(await replay()).toEqual({
    examined: 1,
    stored: 1,
    duplicates: 0,
    stillRejected: {},
    notReplayable: 0,
    cursor: null,
  })
  const [event] = (await api('/api/events')).events
  expect(event).toMatchObject({ messageId: 'm1', source: 'open', originalTimestamp: timestamp })
  expect(event._tributary.replayed).toEqual({ id: record.id, receivedAt: record.receivedAt })
  expect(event._tributary.sent.receivedAt).toBe('mine')
  expect(Date.parse(event.receivedAt)).toBeGreaterThanOrEqual(before)
  // Sent a minute after it happened: a minute before its first arrival, whatever the device's clock said.
  expect(Date.parse(event.timestamp)).toBe(Date.parse(record.receivedAt) - 60_000)
})

test('numbers keep all their digits', async () => {
  const digits = '12345678901234567890.123'
  await quarantine(
    readJson(`{"type":"track","event":"E","userId":"u","messageId":"m1","amount":${digits}}`),
  )
  expect(await replay()).toMatchObject({ stored: 1 })
  const listed = await worker.fetch(`${HOST}/api/events`, { headers: ADMIN })
  expect(await listed.text()).toContain(`"amount":${digits}`)
})

test('a second replay adds nothing, also for events without an id', async () => {
  await quarantine(track('m1'))
  await quarantine({ type: 'track', event: 'Without id', userId: 'u1' })
  await quarantine({ type: 'track', event: 'With a time', userId: 'u1', timestamp: '2026-01-01' })
  await quarantine(
    {
      batch: [
        { type: 'track', event: 'Same', userId: 'u' },
        { type: 'track', event: 'Same', userId: 'u' },
      ],
    },
    'too_many_events',
  )
  expect(await replay()).toMatchObject({ examined: 4, stored: 5, duplicates: 0 })
  expect(await replay()).toMatchObject({ examined: 4, stored: 0, duplicates: 5 })
  await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
  expect(await replay()).toMatchObject({ examined: 4, stored: 0, duplicates: 5 })
  expect((await api('/api/events')).events).toHaveLength(5)
  expect((await api('/api/quarantine')).quarantine).toHaveLength(4)
})

test('what the client has sent again meanwhile is a duplicate', async () => {
  const event = { type: 'track', event: 'E', userId: 'u1', timestamp: '2026-01-01T00:00:00Z' }
  await quarantine(event)
  await quarantine(track('m1'))
  await send(event, track('m1'))
  expect(await replay()).toMatchObject({ stored: 0, duplicates: 2 })
})

test('what is still wrong stays, and is counted by the code of today', async () => {
  await send(
    { type: 'track', event: 'No identity', messageId: 'm1' },
    { type: 'nonsense', userId: 'u', messageId: 'm2' },
  )
  await quarantine('not an event', 'invalid_json')
  expect(await replay()).toEqual({
    examined: 3,
    stored: 0,
    duplicates: 0,
    stillRejected: { missing_identity: 1, unknown_type: 1, not_an_object: 1 },
    notReplayable: 0,
    cursor: null,
  })
  expect((await api('/api/quarantine')).quarantine).toHaveLength(3)
})

test('a conflict is stored under an id of its own, if that is wished', async () => {
  await send(track('m1', { event: 'First' }))
  await send(track('m1', { event: 'Second' }))
  expect(await replay()).toMatchObject({ stored: 0, stillRejected: { id_conflict: 1 } })
  expect(await replay({ newMessageIds: true })).toMatchObject({ stored: 1, stillRejected: {} })
  expect(await replay({ newMessageIds: true })).toMatchObject({ stored: 0, duplicates: 1 })
  const { events } = await api('/api/events')
  const second = events.find(({ event }: { event: string }) => event === 'Second')
  const [record] = (await api('/api/quarantine')).quarantine
  expect(second.messageId).toBe(`${record.id}_0`)
  expect(second._tributary.replayed).toMatchObject({ id: record.id, messageId: 'm1' })
  expect(events).toHaveLength(2)
})

test('a body that was refused for its size is replayed event by event', async () => {
  const batch = Array.from({ length: 1200 }, (_, index) => track(`m${index}`))
  batch.push({ type: 'track', event: 'No identity' } as never)
  await quarantine(
    { writeKey: 'wk_open', context: { app: { name: 'shop' } }, batch },
    'too_many_events',
  )
  expect(await replay()).toMatchObject({
    examined: 1,
    stored: 1200,
    stillRejected: { missing_identity: 1 },
  })
  const [event] = (await api('/api/events?messageId=m700')).events
  expect(event.context.app).toEqual({ name: 'shop' })
  expect(event).not.toHaveProperty('writeKey')
})

test('what was not kept whole is counted as not replayable', async () => {
  await quarantine({ ...track('m1'), filler: 'x'.repeat(1_500_000) })
  expect(await replay()).toMatchObject({ examined: 1, stored: 0, notReplayable: 1 })
})

test('a preview stores nothing, and shows what it would store', async () => {
  for (let index = 0; index < 25; index++) await quarantine(track(`m${index}`))
  const preview = await replay({ preview: true })
  expect(preview).toMatchObject({ examined: 25, stored: 25, cursor: null })
  expect(preview.samples).toHaveLength(20)
  expect(preview.samples[0]).toEqual({ id: expect.stringMatching(/^q_/), event: track('m0') })
  expect((await api('/api/events')).events).toEqual([])
})

test('source, code, ids and times narrow it, and a cursor goes on', async () => {
  await quarantine(track('old'), 'plan_violation', 3 * HOUR_MS)
  await quarantine(track('new'), 'plan_violation', HOUR_MS)
  await quarantine(track('other'), 'bot', HOUR_MS)
  const [record] = (await api('/api/quarantine?code=bot')).quarantine
  const between = new Date(Date.now() - 2 * HOUR_MS).toISOString()
  const examined = async (order: object) => (await replay({ preview: true, ...order })).examined
  expect(await examined({ code: 'plan_violation' })).toBe(2)
  expect(await examined({ source: 'web' })).toBe(0)
  expect(await examined({ ids: [record.id] })).toBe(1)
  expect(await examined({ from: between })).toBe(2)
  expect(await examined({ to: between })).toBe(1)
  expect(await examined({ from: record.receivedAt, code: 'bot' })).toBe(1)
  expect(await examined({ to: record.receivedAt, code: 'bot' })).toBe(0)

  let total = 0
  let cursor: string | null | undefined
  do {
    const page = await replay({ limit: 1, ...(cursor && { cursor }) })
    expect(page.examined).toBeLessThanOrEqual(1)
    total += page.stored
    cursor = page.cursor
  } while (cursor)
  expect(total).toBe(3)
})

test.for([
  ['', 'invalid_json'],
  ['[]', 'invalid_json'],
  ['{"sources":"web"}', 'unknown_parameter'],
  ['{"__proto__":1}', 'unknown_parameter'],
  ['{"limit":0}', 'invalid_limit'],
  ['{"limit":1001}', 'invalid_limit'],
  ['{"cursor":"x"}', 'invalid_cursor'],
  ['{"ids":"q_1"}', 'invalid_parameter'],
  ['{"from":"soon"}', 'invalid_parameter'],
  ['{"preview":"yes"}', 'invalid_parameter'],
])('the body %j is refused as %s', async ([body = '', code]) => {
  const url = `${HOST}/api/quarantine/replay`
  const response = await worker.fetch(url, { method: 'POST', headers: ADMIN, body })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ success: false, code })
})

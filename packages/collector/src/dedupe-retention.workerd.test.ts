import { abortAllDurableObjects, reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { CollectorEnv } from './env.ts'

const { LAKE } = env as unknown as CollectorEnv
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }
const MONTH_MS = 31 * 24 * 3_600_000

afterEach(async () => {
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

interface SentEvent {
  messageId: string
  [field: string]: unknown
}

/** Made a month ago, of 40 people over three days; the first half with UUIDv7s of then, the rest with plain ids. */
const MONTH_OLD: readonly SentEvent[] = Array.from({ length: 300 }, (_, index) => {
  const madeAt = Date.now() - MONTH_MS + index * 864_000
  const hex = madeAt.toString(16).padStart(12, '0')
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(index).padStart(12, '0')}`
  return {
    type: 'track',
    event: 'Bought',
    messageId: index < 150 ? uuid : `order-${index}`,
    anonymousId: `person-${index % 40}`,
    timestamp: new Date(madeAt).toISOString(),
    properties: { index },
  }
})

/** Sends events in batches of a size, and counts the verdicts; a rejection by its code. */
async function send(events: readonly SentEvent[], size: number, writeKey = 'wk_open') {
  const counts: Record<string, number> = {}
  for (let start = 0; start < events.length; start += size) {
    const batch = events.slice(start, start + size)
    const body = JSON.stringify({
      writeKey,
      verdicts: true,
      sentAt: new Date().toISOString(),
      batch,
    })
    const response = await worker.fetch(`${HOST}/v1/batch`, { method: 'POST', body })
    const { results } = await response.json<{
      results: Record<string, { status: string; code?: string }>
    }>()
    for (const { messageId } of batch) {
      const { status, code } = results[messageId] ?? { status: 'missing' }
      counts[code ?? status] = (counts[code ?? status] ?? 0) + 1
    }
  }
  return counts
}

async function drain() {
  await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
}

async function exported() {
  const answer = await worker.fetch(`${HOST}/api/events/export`, { headers: ADMIN })
  const text = new TextDecoder().decode(await answer.arrayBuffer())
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as SentEvent] : []))
}

async function conflicts() {
  const path = '/api/quarantine?limit=1000&code=id_conflict'
  const answer = await worker.fetch(`${HOST}${path}`, { headers: ADMIN })
  return (await answer.json<{ quarantine: { payload: SentEvent }[] }>()).quarantine
}

const STATES: Record<string, () => Promise<void>> = {
  'not drained': async () => undefined,
  drained: drain,
  'started anew': async () => void (await abortAllDurableObjects()),
  'drained and started anew': async () => {
    await drain()
    await abortAllDurableObjects()
  },
}

test.for(Object.entries(STATES))(
  'a month-old batch adds nothing when it comes again in other sizes, %s',
  async ([, change]) => {
    expect(await send(MONTH_OLD, 300)).toEqual({ accepted: 300 })
    for (const size of [1000, 7, 50]) {
      await change()
      const again = [...MONTH_OLD].sort((a, b) => (a.messageId > b.messageId ? -1 : 1))
      expect(await send(again, size)).toEqual({ duplicate: 300 })
    }
    expect((await exported()).map(({ messageId }) => messageId).sort()).toEqual(
      MONTH_OLD.map(({ messageId }) => messageId).sort(),
    )
  },
)

test('two sources with equal ids keep both, and each its own only once', async () => {
  expect(await send(MONTH_OLD, 100, 'wk_open')).toEqual({ accepted: 300 })
  expect(await send(MONTH_OLD, 60, 'wk_web')).toEqual({ accepted: 300 })
  await drain()
  await abortAllDurableObjects()
  expect(await send(MONTH_OLD, 90, 'wk_open')).toEqual({ duplicate: 300 })
  expect(await send(MONTH_OLD, 90, 'wk_web')).toEqual({ duplicate: 300 })
  expect(await exported()).toHaveLength(600)
})

test('an equal id with other content is in quarantine once, however often it comes', async () => {
  await send(MONTH_OLD, 300)
  const others = MONTH_OLD.slice(140, 160).map((event) => ({ ...event, properties: { other: 1 } }))
  for (const change of Object.values(STATES)) {
    await change()
    expect(await send(others, 6)).toEqual({ id_conflict: 20 })
    expect(await send(others, 20)).toEqual({ id_conflict: 20 })
  }
  await drain()
  expect((await conflicts()).map(({ payload }) => payload.messageId).sort()).toEqual(
    others.map(({ messageId }) => messageId).sort(),
  )
  expect(await exported()).toHaveLength(300)
})

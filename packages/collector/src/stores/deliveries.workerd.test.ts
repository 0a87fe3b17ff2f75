import { abortAllDurableObjects, reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { PreviousStream } from '@tributary/protocol'
import { afterEach, expect, test } from 'vitest'
import type { CollectorEnv } from '../env.ts'
import { type JournalItem, packRequest } from './append.ts'
import type { DeliveryReport } from './deliveries.ts'
import type { Journal } from './journal.ts'

const { JOURNAL, LAKE } = env as unknown as CollectorEnv

afterEach(async () => {
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

const SHARDS = [0, 1]

function journal(shard: number) {
  return JOURNAL.getByName(`journal-${shard}`)
}

let lastId = 0

/** An event that says which one of its stream it is. */
function numbered(stream: string, seq: number): JournalItem {
  lastId += 1
  return {
    line: '{}',
    fingerprint: { id: BigInt(lastId), content: 1n, bucket: 500_000 },
    delivery: { stream, seq },
  }
}

function append(shard: number, items: JournalItem[], endedStreams: PreviousStream[] = []) {
  const receivedAt = Date.parse('2026-11-22T12:00:00Z')
  const facts = { shard, source: 'web', receivedAt, requests: 1, endedStreams }
  return journal(shard).append(packRequest(facts, items))
}

async function drain() {
  for (const shard of SHARDS) await journal(shard).drainAll()
}

async function account() {
  return (await journal(0).stats()).deliveries.web
}

test('knows what is missing of a stream that is spread over shards', async () => {
  await append(0, [numbered('s', 0), numbered('s', 3)])
  await append(1, [numbered('s', 1), numbered('s', 5)])
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 6, received: 4 })
})

test('what comes late is no longer missing, and a repeat changes nothing', async () => {
  const late = numbered('s', 1)
  const first = [numbered('s', 0), numbered('s', 2)]
  await append(0, first)
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 3, received: 2 })
  await append(0, [late, ...first])
  await append(0, [late])
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 3, received: 3 })
})

test('learns from the next stream how long the one before was', async () => {
  await append(0, [numbered('s', 0)])
  await append(1, [], [{ stream: 's', lastSeq: 9 }])
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 10, received: 1 })
})

test('is made current without a drain, also while one goes on', async () => {
  await append(1, [numbered('s', 0), numbered('s', 2)])
  await journal(1).accountDeliveries()
  expect(await account()).toEqual({ streams: 1, created: 3, received: 2 })
  await append(1, [numbered('s', 1)])
  await Promise.all([journal(1).drainAll(), journal(1).accountDeliveries()])
  await append(1, [numbered('s', 3)])
  await Promise.all([journal(1).accountDeliveries(), journal(1).drainAll()])
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 4, received: 4 })
  expect((await journal(1).stats()).backlog.rows).toBe(0)
})

test('counts refused records as received', async () => {
  await append(0, [numbered('s', 0), { ...numbered('s', 1), quarantineCode: 'unknown_type' }])
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 2, received: 2 })
})

/** Drains journal 1 with something between it and the account. */
async function drainThrough(report: (real: DurableObjectStub<Journal>) => unknown) {
  await runInDurableObject(journal(1), async (instance) => {
    const bindings = (instance as unknown as { env: CollectorEnv }).env
    const between = { getByName: () => report(journal(0)) }
    Object.defineProperty(instance, 'env', { value: { ...bindings, JOURNAL: between } })
    await instance.drainAll()
  })
}

test('counts once what is reported again because the answer was lost', async () => {
  await append(1, [numbered('s', 0), numbered('s', 2)])
  await drainThrough((real) => ({
    async takeDeliveries(report: DeliveryReport) {
      await real.takeDeliveries(report)
      throw new Error('the answer is lost')
    },
  }))
  expect(await account()).toEqual({ streams: 1, created: 3, received: 2 })
  await abortAllDurableObjects()
  await append(1, [numbered('s', 1)])
  await drain()
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 3, received: 3 })
  expect((await journal(1).stats()).backlog.rows).toBe(0)
})

test('an account that cannot be reached does not hold up the lake, and catches up', async () => {
  await append(1, [numbered('s', 0), numbered('s', 1)])
  await drainThrough(() => ({ takeDeliveries: () => Promise.reject('away') }))
  expect((await LAKE.list()).objects).toHaveLength(1)
  const stats = await journal(1).stats()
  expect(stats.backlog.rows).toBe(1)
  const listing = await journal(1).list('events', {}, { limit: 10, maxLength: 1000 })
  expect(listing.records).toEqual([])
  await abortAllDurableObjects()
  await drain()
  expect(await account()).toEqual({ streams: 1, created: 2, received: 2 })
  expect((await journal(1).stats()).backlog.rows).toBe(0)
})

test('measures losses of 0.1 to 10 percent', async () => {
  for (const share of [0.001, 0.01, 0.1]) {
    const before = (await account()) ?? { streams: 0, created: 0, received: 0 }
    const sent = Array.from({ length: 10_000 }, (_, index) => ({
      stream: `run-${share}-${Math.floor(index / 50)}`,
      seq: index % 50,
    }))
    // Deterministic, and never the last of its stream: that only the stream's successor could tell.
    const isLost = (index: number) => index % 50 !== 49 && (index * 7919) % 10_000 < share * 10_000
    const arriving = sent.filter((_, index) => !isLost(index))
    const items = arriving.map(({ stream, seq }) => numbered(stream, seq))
    for (let from = 0; from < items.length; from += 1000) {
      await append((from / 1000) % 2, items.slice(from, from + 1000))
    }
    await drain()
    const after = await account()
    expect((after?.created ?? 0) - before.created).toBe(sent.length)
    expect((after?.received ?? 0) - before.received).toBe(arriving.length)
  }
})

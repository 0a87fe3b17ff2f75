import { abortAllDurableObjects, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import { decideTime, type EventTimes } from '../core/event-time.ts'
import type { StoredEvent } from '../core/stored-event.ts'
import { toLine } from '../core/stored-line.ts'
import type { CollectorEnv } from '../env.ts'
import { type JournalItem, packRequest } from './append.ts'

const { JOURNAL } = env as unknown as CollectorEnv

afterEach(() => reset())

const DAY = 24 * 60 * 60 * 1000
const NOON = Date.parse('2026-11-22T12:00:00Z')

function journal() {
  return JOURNAL.getByName('journal-0')
}

let lastId = 0

/** An event as the Worker hands it over, with the time that it found by the one request. */
function item(device: bigint, times: EventTimes): JournalItem {
  lastId += 1
  const { timestampMs, ...clock } = decideTime(times)
  const event = {
    type: 'track',
    messageId: `m${lastId}`,
    receivedAt: new Date(times.receivedAtMs).toISOString(),
    timestamp: new Date(timestampMs).toISOString(),
    _tributary: { clock },
  } as unknown as StoredEvent
  const { line, tailLength } = toLine(event)
  return {
    line,
    fingerprint: { id: BigInt(lastId), content: 1n, bucket: 500_000 },
    clock: { device, times, tailLength },
  }
}

function append(receivedAt: number, items: JournalItem[]) {
  return journal().append(packRequest({ shard: 0, source: 'web', receivedAt, requests: 1 }, items))
}

/** Sends one event and tells what time was stored for it. */
async function timeOf(device: bigint, atMs: number, originalMs: number, sentMs: number) {
  const sent = item(device, { originalMs, sentMs, receivedAtMs: atMs })
  const repeat = sent
  await append(atMs, [sent, repeat])
  const bounds = { limit: 1, maxLength: 1_000_000 }
  const { records } = await journal().list('events', { messageId: `m${lastId}` }, bounds)
  const { timestamp, _tributary } = JSON.parse(records[0]?.line as string)
  return { ms: Date.parse(timestamp), ..._tributary.clock }
}

test('a file that a prompt device uploads hours later keeps its times, and a strange device’s is taken for a slow clock', async () => {
  await timeOf(1n, NOON, NOON - 10, NOON - 5)
  const made = NOON + 1000
  const uploaded = NOON + 5 * 60 * 60 * 1000
  const known = await timeOf(1n, uploaded, made, made + 10)
  expect(known).toMatchObject({ ms: made, method: 'client' })
  const strange = await timeOf(2n, uploaded, made, made + 10)
  expect(strange).toMatchObject({ ms: uploaded - 10, method: 'shifted', confidence: 'low' })
})

test('what it knows of clocks outlives an eviction, once a drain has kept it', async () => {
  for (const minute of [0, 1, 2]) {
    const at = NOON + minute * 60_000
    await timeOf(3n, at, at - DAY - 20, at - DAY - 10)
  }
  await journal().drainAll()
  await abortAllDurableObjects()
  const at = NOON + DAY
  const known = await timeOf(3n, at, at - DAY - 20, at - DAY - 10)
  expect(known).toMatchObject({ method: 'shifted', confidence: 'high' })
  expect(Math.abs(known.ms - at)).toBeLessThan(15_000)
})

test('corrects the right one of several events, whichever are repeats or tell nothing', async () => {
  await timeOf(4n, NOON, NOON - 10, NOON - 5)
  const at = NOON + 5 * 60 * 60 * 1000
  const late = (made: number): EventTimes => ({
    originalMs: made,
    sentMs: made + 5,
    receivedAtMs: at,
  })
  const repeat = item(4n, late(NOON + 1000))
  await append(at, [repeat])
  const { clock: _, ...silent } = item(5n, late(NOON + 2000))
  const wanted = item(4n, late(NOON + 3000))
  await append(at, [repeat, silent, wanted])
  const { records } = await journal().list('events', {}, { limit: 10, maxLength: 1e6 })
  const byTime = records
    .map(({ line }) => JSON.parse(line))
    .map(({ timestamp, _tributary }) => [Date.parse(timestamp), _tributary.clock.method])
  expect(byTime).toContainEqual([NOON + 1000, 'client'])
  expect(byTime).toContainEqual([NOON + 3000, 'client'])
  expect(byTime).toContainEqual([at - 5, 'shifted'])
})

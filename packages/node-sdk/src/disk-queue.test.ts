import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { expectBalanced, names, platform, setUp } from '../test/client.ts'
import { acceptAll, json, type Respond, silence } from '../test/collector.ts'
import { Tributary } from './client.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-queue-'))
  folders.push(folder)
  return folder
}

const text = 'x'.repeat(500)

it('gives the next run what this one could not send, and only that', async () => {
  const queue = { directory: newFolder() }
  const first = await setUp([acceptAll, ...Array(9).fill(silence)], { queue, flushAt: 10 })
  first.trackMany(10)
  await first.client.flush()
  first.trackMany(30, 10)
  expect(await first.client.closeAndFlush({ timeout: 50 })).toEqual({ remaining: 30 })
  const second = await setUp([], { queue })
  second.trackMany(5, 40)
  await second.client.ready()
  await second.client.flush()
  await expect.poll(() => second.client.stats().delivered).toBe(35)
  const received = second.received().flat()
  expect(received.filter((name) => Number(String(name).slice(1)) < 40)).toEqual(names(30, 10))
  expect(second.client.stats()).toMatchObject({ created: 5, recovered: 30, pending: 0 })
  await second.client.closeAndFlush()
  const third = await setUp([], { queue })
  await third.client.ready()
  expect(third.client.stats()).toMatchObject({ recovered: 0, pending: 0 })
})

it('delivers what earlier runs left, however short a run is', async () => {
  const queue = { directory: newFolder() }
  const first = await setUp(Array(9).fill(silence), { queue })
  first.trackMany(30)
  await first.client.closeAndFlush({ timeout: 50 })
  const second = await setUp([], { queue })
  second.trackMany(5, 30)
  expect(await second.client.closeAndFlush()).toEqual({ remaining: 0 })
  expect(second.client.stats()).toMatchObject({ recovered: 30, delivered: 35 })
  expect(second.received().flat().sort()).toEqual(names(35).sort())
})

it('keeps memory within its bytes, and the order of each user, when events come faster than they go', async () => {
  const down: Respond = json(503, {})
  const { client, collector } = await setUp(Array(3).fill(down), {
    queue: { directory: newFolder() },
    maxQueueBytes: 50_000,
  })
  const told: (string | undefined)[] = []
  let most = 0
  for (let i = 0; i < 2000; i++) {
    const receipt = client.track(
      { userId: `u${i % 7}`, event: `e${i}`, properties: { text } },
      i % 100 === 0 ? (error) => told.push(error?.message) : undefined,
    )
    expect(receipt.accepted).toBe(true)
    most = Math.max(most, client.stats().memoryBytes)
  }
  expect(client.stats()).toMatchObject({ pending: 2000 })
  expect(client.writable).toBe(false)
  const last = client.track({ userId: 'u0', event: 'last' })
  const ended = last.delivered
  await last.persisted
  const flushed = client.flush()
  while (client.stats().pending > 0) {
    most = Math.max(most, client.stats().memoryBytes)
    await sleep(5)
  }
  await flushed
  await client.ready()
  expect(client.writable).toBe(true)
  expect(await ended).toEqual({ outcome: 'delivered' })
  expect(most).toBeLessThanOrEqual(50_000 * 1.5)
  expect(told).toEqual(Array(20).fill(undefined))
  expect(client.stats()).toMatchObject({ delivered: 2001, memoryBytes: 0, recovered: 0 })
  expectBalanced(client.stats())
  const seqs = collector.requests.slice(3).flatMap(({ body }) => body.batch)
  for (let user = 0; user < 7; user++) {
    const ofUser = seqs.filter(({ userId }) => userId === `u${user}`)
    const order = ofUser.map(({ context }) => context?.delivery?.seq ?? -1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  }
})

it('tells honestly that it has forgotten an event that was on disk only', async () => {
  const { client } = await setUp([], { queue: { directory: newFolder() }, maxQueueBytes: 2000 })
  const receipts = Array.from({ length: 20 }, (_, i) =>
    client.track({ userId: 'u', event: `e${i}`, properties: { text } }),
  )
  const asked = receipts[18]?.delivered
  await client.flush()
  expect(await asked).toEqual({ outcome: 'delivered' })
  expect(await receipts[0]?.delivered).toEqual({ outcome: 'delivered' })
  expect(await receipts[19]?.delivered).toEqual({ outcome: 'unknown' })
  expect(client.stats().delivered).toBe(20)
})

it('goes on in memory when the disk takes no more, and drops what has no room there either', async () => {
  const errors: string[] = []
  const { client } = await setUp([json(503, {})], {
    queue: { directory: newFolder(), maxBytes: 20_000 },
    maxQueueBytes: 30_000,
  })
  client.on('error', (error) => errors.push(error.message))
  const receipts = Array.from({ length: 200 }, (_, i) =>
    client.track({ userId: 'u', event: `e${i}`, properties: { text } }),
  )
  const accepted = receipts.filter((receipt) => receipt.accepted).length
  expect(accepted).toBeGreaterThan(30)
  expect(accepted).toBeLessThan(200)
  expect(await receipts.at(-1)?.delivered).toEqual({ outcome: 'dropped', reason: 'queue_full' })
  expect(client.stats().disk?.refused).toBeGreaterThan(0)
  await client.flush()
  expect(client.stats()).toMatchObject({
    delivered: accepted,
    dropped: { queue_full: 200 - accepted },
    pending: 0,
  })
  expect(errors.some((message) => message.includes('full'))).toBe(true)
})

it('drops what has grown too old on disk as expired', async () => {
  const queue = { directory: newFolder() }
  const first = await setUp(Array(99).fill(silence), { queue })
  first.trackMany(3)
  await first.client.closeAndFlush({ timeout: 10 })
  const late = { ...platform, nowMs: () => Date.now() + 8 * 86_400_000 }
  const client = new Tributary({ writeKey: 'wk', endpoint: 'http://127.0.0.1:1', queue }, late)
  client.on('error', () => {})
  await expect.poll(() => client.stats().dropped).toEqual({ expired: 3 })
  await client.closeAndFlush()
})

it('loses nothing of what track has taken when the process is killed at once', async () => {
  const directory = newFolder()
  const entry = new URL('../dist/index.js', import.meta.url).href
  const script = `import { Tributary } from ${JSON.stringify(entry)}
    const queue = { directory: ${JSON.stringify(directory)}, fsync: 'always' }
    const client = new Tributary({ writeKey: 'wk', endpoint: 'http://127.0.0.1:1', queue })
    for (let i = 0; i < 300; i++) client.track({ userId: 'u', event: 'e' + i })
    process.kill(process.pid, 'SIGKILL')`
  await new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], resolve)
  })
  const { client, received } = await setUp([], { queue: { directory } })
  await expect.poll(() => client.stats().delivered, { timeout: 10_000 }).toBe(300)
  expect(received().flat()).toEqual(names(300))
})

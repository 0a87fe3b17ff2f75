import { expect, it } from 'vitest'
import { type Answering, createWorld, verdicts } from '../test/world.ts'
import { Tributary } from './client.ts'

const HOUR_MS = 3_600_000

function start(answering: Answering) {
  const atMs: number[] = []
  const world = createWorld((request, nowMs) => {
    atMs.push(nowMs)
    return answering(request, nowMs)
  })
  const client = new Tributary({ writeKey: 'wk', endpoint: 'http://collector' }, world.platform)
  client.on('error', () => {})
  return { world, client, atMs }
}

const down: Answering = () => {
  throw new Error('down')
}

it('asks a collector that is down ever less often, at random, and gives up after a day', async () => {
  const { world, client, atMs } = start(down)
  for (let i = 0; i < 500; i++) client.track({ userId: `u${i % 50}`, event: 'E' })
  await world.pass(23 * HOUR_MS)
  expect(client.stats().pending).toBe(500)
  // Where one event is supposed to be the cause, another is tried with it.
  const rounds = [...new Set(atMs)]
  expect(atMs.length).toBeLessThanOrEqual(rounds.length * 2)
  const gaps = rounds.slice(1).map((ms, i) => ms - (rounds[i] ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(300_000)
  const late = gaps.slice(40)
  expect(new Set(late).size).toBeGreaterThan(late.length / 2)
  expect(late.reduce((a, b) => a + b, 0) / late.length).toBeGreaterThan(90_000)
  await world.pass(2 * HOUR_MS)
  expect(client.stats()).toMatchObject({ pending: 0, dropped: { expired: 500 } })
  const requests = world.requestCount()
  await world.pass(HOUR_MS)
  expect(world.requestCount()).toBe(requests)
})

it.each<[string, () => never | object, number]>([
  ['a reset connection', down as () => never, 2 * HOUR_MS],
  ['a 500', () => ({ status: 500 }), HOUR_MS / 60],
])(
  'delivers all others behind an event that causes %s each time, and drops that one when it is too old',
  async (_, poison, withinMs) => {
    const { world, client, atMs } = start(({ batch }) =>
      batch.some(({ messageId }) => messageId === 'poison') ? poison() : verdicts(batch),
    )
    for (let i = 0; i < 1000; i++) {
      client.track({ userId: 'u', event: 'E', messageId: i === 313 ? 'poison' : `m${i}` })
    }
    await world.pass(withinMs)
    expect(client.stats()).toMatchObject({ delivered: 999, pending: 1 })
    client.track({ userId: 'u', event: 'E' })
    await world.pass(10_000)
    expect(client.stats()).toMatchObject({ delivered: 1000, pending: 1 })
    await world.pass(24 * HOUR_MS)
    expect(client.stats()).toMatchObject({ delivered: 1000, dropped: { expired: 1 }, pending: 0 })
    expect(atMs.length).toBeLessThan(700)
  },
)

it('keeps to a pause that the collector asks for, whoever else wants to send', async () => {
  const { world, client, atMs } = start(({ batch }) =>
    atMs.length === 1 ? { status: 429, retryAfter: '120' } : verdicts(batch),
  )
  client.track({ userId: 'a', event: 'E' })
  await world.pass(6000)
  for (let i = 0; i < 200; i++) client.track({ userId: `u${i}`, event: 'E' })
  void client.flush({ timeout: HOUR_MS })
  await world.pass(HOUR_MS)
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBe(120_000)
  expect(client.stats().delivered).toBe(201)
})

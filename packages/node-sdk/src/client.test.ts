import { describe, expect, it } from 'vitest'
import { expectBalanced, names, platform, setUp } from '../test/client.ts'
import { acceptAll, json, type Respond, silence } from '../test/collector.ts'
import { Tributary } from './client.ts'
import { ValidationError } from './core/errors.ts'

describe('a call', () => {
  it.each([
    ['track', {}, 'event'],
    ['track', { event: 'E' }, 'userId/anonymousId'],
    ['track', { event: 'E', userId: 5 }, 'userId/anonymousId'],
    ['track', undefined, 'event'],
    ['identify', { userId: '' }, 'userId/anonymousId'],
    ['group', { userId: 'u' }, 'groupId'],
    ['alias', { userId: 'u' }, 'previousId'],
    ['alias', { previousId: 'a', anonymousId: 'a' }, 'userId'],
  ] as const)('%s(%j) throws and names the field', async (method, call, field) => {
    const { client } = await setUp()
    const misuse = () => client[method](call as never)
    expect(misuse).toThrow(ValidationError)
    expect(misuse).toThrow(expect.objectContaining({ field }))
    expect(client.stats().created).toBe(0)
  })

  it('drops what cannot be serialised, without throwing or taking a number', async () => {
    const { client, collector, outcomes, trackMany } = await setUp()
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const hostile = [
      circular,
      { big: 1n },
      Object.defineProperty({}, 'x', { enumerable: true, get: () => fail() }),
      { toJSON: () => fail() },
    ]
    const codes: unknown[] = []
    for (const properties of hostile) {
      client.track({ userId: 'u', event: 'E', properties } as never, (error, event) => {
        codes.push((error as Error & { code: string }).code, event)
      })
    }
    client.track(
      Object.defineProperty({ event: 'E' }, 'userId', { get: () => fail() }) as never,
      (error) => codes.push((error as Error & { code: string }).code),
    )
    expect(codes).toEqual([])
    trackMany(1)
    await client.flush()
    expect(codes.filter(Boolean)).toEqual(Array(5).fill('not_serialisable'))
    expect(outcomes).toEqual(['e0 ok'])
    expect(collector.requests[0]?.body.batch[0]?.context?.delivery?.seq).toBe(0)
    expect(client.stats()).toMatchObject({ created: 6, dropped: { not_serialisable: 5 } })
  })

  it('warns of a loss that nobody listens for, once', async () => {
    const warnings: string[] = []
    const { collector } = await setUp([json(401, { success: false, code: 'unknown_write_key' })])
    const quiet = new Tributary(
      { writeKey: 'wk', endpoint: collector.endpoint },
      { ...platform, warn: (message) => warnings.push(message) },
    )
    for (let index = 0; index < 3; index++) quiet.track({ userId: 'u', event: 'E' })
    await quiet.closeAndFlush()
    expect(warnings).toEqual(['Tributary: An event was dropped: unknown_write_key.'])
    const told: string[] = []
    const heard = new Tributary(
      { writeKey: 'wk', endpoint: 'http://127.0.0.1:1' },
      { ...platform, warn: (message) => warnings.push(message) },
    ).on('error', (error) => told.push(error.message))
    heard.track({ userId: 'u', event: 'E' })
    await heard.closeAndFlush({ timeout: 500 })
    expect(told.length).toBeGreaterThan(0)
    expect(warnings).toHaveLength(1)
  })

  it('drops an event that is too large, and one that the queue has no room for', async () => {
    const { client, outcomes, trackMany } = await setUp([], { maxQueueBytes: 1000 })
    client.track({ userId: 'u', event: 'E', properties: { text: 'ü'.repeat(33_000) } }, (error) =>
      outcomes.push((error as Error & { code: string }).code),
    )
    trackMany(4)
    await client.flush()
    expect(outcomes).toEqual(['event_too_large', 'e3 queue_full', 'e0 ok', 'e1 ok', 'e2 ok'])
    trackMany(1, 4)
    await client.flush()
    expect(outcomes.at(-1)).toBe('e4 ok')
    expectBalanced(client.stats())
  })

  it('survives callbacks and listeners that throw or reject', async () => {
    const { client } = await setUp()
    const errors: Error[] = []
    const bad = () => Promise.reject(Object.create(null))
    client.on('delivered', fail).on('delivered', bad)
    client.on('error', (error) => errors.push(error)).on('error', fail)
    client.track({ userId: 'u', event: 'E' }, fail)
    client.track({ userId: 'u', event: 'E' }, async () => fail())
    await client.flush()
    await expect.poll(() => errors.length).toBe(6)
    client.off('delivered', fail).off('delivered', bad)
    client.track({ userId: 'u', event: 'E' })
    await client.flush()
    expect(errors).toHaveLength(6)
    expect(client.stats().delivered).toBe(3)
  })

  it('may track and flush from within a callback', async () => {
    const { client, received } = await setUp()
    const second = new Promise((resolve) => {
      client.track({ userId: 'u', event: 'e0' }, () => {
        client.track({ userId: 'u', event: 'e1' }, resolve)
        void client.flush()
      })
    })
    await client.flush()
    await second
    expect(received()).toEqual([['e0'], ['e1']])
  })
})

describe('flush', () => {
  it('resolves at once when there is nothing to send', async () => {
    const { client, collector } = await setUp()
    await Promise.all([client.flush(), client.flush()])
    expect(collector.requests).toHaveLength(0)
  })

  it('resolves at its timeout and leaves the events pending', async () => {
    const { client, trackMany } = await setUp([silence])
    trackMany(3)
    const startMs = performance.now()
    await client.flush({ timeout: 100 })
    expect(performance.now() - startMs).toBeLessThan(1000)
    expect(client.stats()).toMatchObject({ created: 3, pending: 3 })
  })

  it('waits for what is in flight, and not for what came later', async () => {
    const slow: Respond = (response, request) => {
      setTimeout(() => acceptAll(response, request), 100)
    }
    const { client, outcomes, trackMany } = await setUp([slow, silence])
    trackMany(1)
    const first = client.flush()
    trackMany(1, 1)
    await first
    expect(outcomes).toEqual(['e0 ok'])
    expect(client.stats()).toMatchObject({ delivered: 1, pending: 1 })
  })
})

describe('closeAndFlush', () => {
  it('sends what is queued, then drops what comes as closed', async () => {
    const { client, outcomes, trackMany } = await setUp([], { flushAt: 2 })
    trackMany(5)
    const closing = client.closeAndFlush()
    trackMany(1, 5)
    expect(await closing).toEqual({ remaining: 0 })
    expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual([
      ...names(5).map((name) => `${name} ok`),
      'e5 closed',
    ])
    expect(client.closeAndFlush()).toBe(closing)
    expectBalanced(client.stats())
  })

  it('is bounded by its timeout and says what remains', async () => {
    const { client, outcomes, trackMany } = await setUp([silence])
    trackMany(3)
    const startMs = performance.now()
    expect(await client.closeAndFlush({ timeout: 100 })).toEqual({ remaining: 3 })
    expect(performance.now() - startMs).toBeLessThan(1000)
    expect(outcomes).toEqual([])
    expect(client.stats()).toMatchObject({ created: 3, pending: 3 })
  })

  it('does not sit out a pause of its own choice', async () => {
    const { client, collector, trackMany } = await setUp(Array(3).fill(json(503, {})))
    trackMany(1)
    const late = new Tributary(
      { writeKey: 'wk', endpoint: collector.endpoint },
      { ...platform, random: () => 0.999_999 },
    )
    late.track({ userId: 'u', event: 'late' })
    await Promise.all([client.flush({ timeout: 50 }), late.flush({ timeout: 50 })])
    const startMs = performance.now()
    await client.closeAndFlush()
    expect(await late.closeAndFlush()).toEqual({ remaining: 0 })
    expect(performance.now() - startMs).toBeLessThan(900)
  })
})

function fail(): never {
  throw new Error('from the host')
}

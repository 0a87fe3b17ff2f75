import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { expectBalanced, names, setUp } from '../test/client.ts'
import {
  acceptAll,
  answer,
  half,
  json,
  type Respond,
  redirect,
  reset,
  silence,
} from '../test/collector.ts'

describe('on the wire', () => {
  it('sends the six calls as one gzipped batch that names its key, time and stream', async () => {
    const { client, collector } = await setUp([], { gzip: true })
    client.track({ userId: 'u', event: 'E', properties: { a: 'x'.repeat(2000) } })
    client.identify({ anonymousId: 'a', traits: { plan: 'pro' } })
    client.page({ userId: 'u', category: 'Docs', name: 'Home' })
    client.screen({ userId: 'u', name: 'Main' })
    client.group({ userId: 'u', groupId: 'g', traits: { size: 3 } })
    client.alias({ userId: 'u', previousId: 'a' })
    await client.flush()
    expect(collector.requests).toHaveLength(1)
    const [request] = collector.requests
    expect(request?.url).toBe('/v1/batch')
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('wk:').toString('base64')}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'user-agent': expect.stringMatching(/^tributary-node\//),
    })
    expect(request?.body.verdicts).toBe(true)
    expect(Math.abs(Date.parse(request?.body.sentAt ?? '') - Date.now())).toBeLessThan(5000)
    const batch = request?.body.batch ?? []
    expect(batch.map((e) => e.type)).toEqual([
      'track',
      'identify',
      'page',
      'screen',
      'group',
      'alias',
    ])
    expect(batch.map((e) => e.context?.delivery?.seq)).toEqual([0, 1, 2, 3, 4, 5])
    expect(new Set(batch.map((e) => e.context?.delivery?.stream)).size).toBe(1)
    expect(new Set(batch.map((e) => e.messageId)).size).toBe(6)
  })

  it.each([
    ['small', true, ''],
    ['gzip off', false, 'x'.repeat(2000)],
  ])('sends plain JSON when %s', async (_, gzip, text) => {
    const { client, collector } = await setUp([], { gzip })
    client.track({ userId: 'u', event: 'ü', properties: { text } })
    await client.flush()
    expect(collector.requests[0]?.headers['content-encoding']).toBeUndefined()
    expect(collector.requests[0]?.body.batch[0]).toMatchObject({ event: 'ü' })
  })

  it('compresses a batch too large for the event loop', async () => {
    const { client, collector } = await setUp([], { gzip: true })
    for (let i = 0; i < 20; i++) {
      client.track({ userId: 'u', event: 'E', properties: { text: `${i}`.repeat(20_000) } })
    }
    await client.flush()
    expect(collector.requests.flatMap((r) => r.body.batch)).toHaveLength(20)
    expect(collector.requests[0]?.headers['content-encoding']).toBe('gzip')
  })

  it('sends a full batch without a flush, and a part of one after the interval', async () => {
    const { outcomes, received, trackMany } = await setUp([], { flushAt: 3, flushIntervalMs: 200 })
    trackMany(4)
    await expect.poll(() => outcomes).toHaveLength(4)
    trackMany(2, 4)
    await sleep(50)
    expect(received()).toEqual([names(4)])
    await expect.poll(() => outcomes).toHaveLength(6)
    expect(received()).toEqual([names(4), names(2, 4)])
  })

  it('sends what fills a request by its bytes, and all of a burst, in as many requests as it takes', async () => {
    const { client, collector } = await setUp([], { flushIntervalMs: 60_000 })
    const properties = { text: 'x'.repeat(50_000) }
    for (let i = 0; i < 5; i++) client.track({ userId: 'u', event: 'E', properties })
    await sleep(50)
    expect(collector.requests).toHaveLength(0)
    for (let i = 5; i < 41; i++) client.track({ userId: 'u', event: 'E', properties })
    client.track({ userId: 'u', event: 'last' })
    await expect.poll(() => client.stats().delivered).toBe(42)
    expect(collector.requests.length).toBeGreaterThan(4)
    client.track({ userId: 'u', event: 'later' })
    await sleep(50)
    expect(client.stats().pending).toBe(1)
  })

  it('keeps a batch under 480 KB', async () => {
    const { client, collector } = await setUp()
    for (let i = 0; i < 20; i++) {
      client.track({ userId: 'u', event: 'E', properties: { text: 'x'.repeat(50_000) } })
    }
    await client.flush()
    for (const { headers } of collector.requests) {
      expect(Number(headers['content-length'])).toBeLessThan(480 * 1024 + 100)
    }
    expect(client.stats().delivered).toBe(20)
  })
})

describe('under faults', () => {
  const REFUSED = { success: false, code: 'unknown_write_key', message: '', error: '' }

  it.each<[string, Respond]>([
    ['a 503', json(503, {})],
    ['a connection reset', reset],
    ['a 200 that is not ours', (r) => r.end('<html>welcome to the hotel</html>')],
    ['a 200 without results', json(200, { success: true, ok: true })],
    ['a 403 of a proxy', json(403, {})],
    ['a 404', json(404, {})],
    ['a redirect that would lose the body', redirect(302)],
    ['a redirect that would not', redirect(308)],
    ['an answer that ends early', half],
    ['a 500 without a body', json(500, undefined)],
    ['no answer in time', silence],
  ])('delivers everything once and in order after %s', async (_, fault) => {
    const options = { flushAt: 5, requestTimeoutMs: 150 }
    const { client, outcomes, received, trackMany } = await setUp([fault, fault], options)
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    trackMany(12)
    await client.flush()
    expect(received()).toEqual([names(12), names(12), names(12)])
    expect(outcomes).toEqual(names(12).map((name) => `${name} ok`))
    expect(errors).toHaveLength(2)
    expect(client.stats()).toEqual({
      created: 12,
      recovered: 0,
      delivered: 12,
      duplicate: 0,
      rejected: {},
      dropped: {},
      pending: 0,
      memoryBytes: 0,
    })
  })

  it('sends the same bytes again but for sentAt', async () => {
    const { client, collector, trackMany } = await setUp([json(503, {})])
    trackMany(1)
    await client.flush()
    const [first, second] = collector.requests.map((r) => r.body)
    expect(second?.batch).toEqual(first?.batch)
    expect(second?.sentAt).not.toBe(first?.sentAt)
  })

  it('gives each event its own verdict and repeats only those without one', async () => {
    const verdicts = ['accepted', 'duplicate', 'rejected', 'retry', undefined] as const
    const partial = answer((_, i) => {
      const status = verdicts[i]
      return status && { status, code: 'bad_event', message: 'No.' }
    })
    const { client, outcomes, received, trackMany } = await setUp([partial])
    const told: unknown[] = []
    client.on('rejected', ({ event, code, message }) => told.push([event.type, code, message]))
    client.on('delivered', ({ duplicate }) => told.push(duplicate))
    trackMany(5)
    await client.flush()
    expect(received()).toEqual([names(5), names(2, 3)])
    expect(outcomes).toEqual(['e0 ok', 'e1 ok', 'e2 bad_event', 'e3 ok', 'e4 ok'])
    expect(told).toEqual([false, true, ['track', 'bad_event', 'No.'], false, false])
    expect(client.stats()).toMatchObject({ delivered: 3, duplicate: 1, rejected: { bad_event: 1 } })
    expectBalanced(client.stats())
  })

  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2000).toUTCString()],
  ])('waits as long as a Retry-After in %s asks', async (_, retryAfter) => {
    const { client, collector, trackMany } = await setUp([
      (response) => json(429, {}, { 'retry-after': retryAfter() })(response),
    ])
    trackMany(1)
    await client.flush()
    const [first, second] = collector.requests
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990)
  })

  it('halves a batch that is too large, and drops the one event that still is', async () => {
    const tooLarge: Respond = (response, request) =>
      request.body.batch.some((e) => 'event' in e && e.event === 'e2')
        ? json(413, {})(response)
        : acceptAll(response, request)
    const { client, outcomes, trackMany } = await setUp(Array(20).fill(tooLarge), { flushAt: 8 })
    trackMany(8)
    await client.flush()
    expect(outcomes).toEqual(
      names(8).map((name) => `${name} ${name === 'e2' ? 'event_too_large' : 'ok'}`),
    )
    expect(client.stats()).toMatchObject({ delivered: 7, dropped: { event_too_large: 1 } })
  })

  it('drops a batch that the collector refuses for good, under its code', async () => {
    const { client, outcomes, trackMany } = await setUp([json(401, REFUSED)])
    trackMany(2)
    await client.flush()
    expect(outcomes).toEqual(['e0 unknown_write_key', 'e1 unknown_write_key'])
    expect(client.stats().dropped).toEqual({ unknown_write_key: 2 })
  })

  it('drops what could not be sent in its lifetime as expired', async () => {
    const { client, outcomes, trackMany } = await setUp(Array(99).fill(json(503, {})), {
      flushIntervalMs: 20,
      maxEventAgeMs: 300,
    })
    trackMany(2)
    await client.flush()
    expect(outcomes).toEqual(['e0 expired', 'e1 expired'])
    expectBalanced(client.stats())
  })
})

describe('one event that is to blame', () => {
  const INVALID = { success: false, code: 'invalid_json', message: '', error: '' }
  const poisonous =
    (poisoned: Respond): Respond =>
    (response, request) =>
      request.body.batch.some((e) => 'event' in e && e.event === 'e37')
        ? poisoned(response, request)
        : acceptAll(response, request)

  it('is dropped under the code of a 400, and costs no other event and no pause', async () => {
    const { client, collector, outcomes, trackMany } = await setUp(
      Array(99).fill(poisonous(json(400, INVALID))),
    )
    trackMany(100)
    await client.flush({ timeout: 2000 })
    expect(outcomes).toHaveLength(100)
    expect(client.stats()).toMatchObject({ delivered: 99, dropped: { invalid_json: 1 } })
    expect(collector.requests.length).toBeLessThan(20)
  })

  it.each<[string, Respond]>([
    ['a 500', json(500, {})],
    ['a 200 without verdicts', json(200, { success: true })],
  ])('is set aside when it causes %s each time, and holds up nobody', async (_, poisoned) => {
    const options = { flushIntervalMs: 100 }
    const { client, outcomes, trackMany } = await setUp(
      Array(200).fill(poisonous(poisoned)),
      options,
    )
    trackMany(100)
    void client.flush({ timeout: 20_000 })
    await expect.poll(() => outcomes.length, { timeout: 10_000 }).toBe(99)
    expect(outcomes).toEqual([...names(37), ...names(62, 38)].map((name) => `${name} ok`))
    trackMany(5, 100)
    await expect.poll(() => outcomes.length, { timeout: 5000 }).toBe(104)
    expect(client.stats().pending).toBe(1)
  })
})

describe('several requests at a time', () => {
  it('are never more than maxInFlight, and carry each user in order', async () => {
    const slow: Respond = (response, request) => {
      most = Math.max(most, ++underWay)
      setTimeout(() => {
        underWay--
        acceptAll(response, request)
      }, 20)
    }
    let underWay = 0
    let most = 0
    const { client, collector } = await setUp(Array(500).fill(slow), { maxInFlight: 3 })
    const text = 'x'.repeat(20_000)
    for (let i = 0; i < 400; i++) {
      client.track({ userId: `u${i % 29}`, event: `e${i}`, properties: { text } })
    }
    await client.flush()
    expect(most).toBe(3)
    const events = collector.requests.flatMap(({ body }) => body.batch)
    expect(events).toHaveLength(400)
    const seqs = new Map<string, number>()
    for (const { userId = '', context } of events) {
      const seq = context?.delivery?.seq ?? -1
      expect(seq).toBeGreaterThan(seqs.get(userId) ?? -1)
      seqs.set(userId, seq)
    }
  })

  it('wait for no user whose request is slow', async () => {
    const slowFor: Respond = (response, request) =>
      request.body.batch.some(({ userId }) => userId === 'slow')
        ? undefined
        : acceptAll(response, request)
    const { client } = await setUp(Array(99).fill(slowFor), { flushAt: 1 })
    client.track({ userId: 'slow', event: 'E' })
    await sleep(50)
    for (let i = 0; i < 50; i++) client.track({ userId: `u${i}`, event: 'E' })
    // One or two share the slow one's lane.
    await expect.poll(() => client.stats().delivered).toBeGreaterThan(45)
    expect(client.stats().pending).toBeGreaterThan(0)
  })

  it('become one, and a small one, while nothing gets through', async () => {
    const { client, collector } = await setUp(Array(8).fill(json(500, {})))
    for (let i = 0; i < 50; i++) client.track({ userId: `u${i}`, event: 'E' })
    await client.flush({ timeout: 15_000 })
    expect(client.stats()).toMatchObject({ delivered: 50 })
    const failedAtMs = collector.requests.slice(0, 8).map(({ atMs }) => atMs)
    for (const [i, atMs] of failedAtMs.slice(1).entries()) {
      expect(atMs - (failedAtMs[i] ?? 0)).toBeGreaterThan(85)
    }
    expect(collector.requests.length).toBeLessThan(30)
  })
})

describe('a connection', () => {
  it('is kept for the next request, and replaced at once where the collector has closed it', async () => {
    const { client, collector, trackMany } = await setUp()
    for (let i = 0; i < 3; i++) {
      trackMany(1)
      await client.flush()
    }
    expect(collector.connections()).toBe(1)
    collector.closeIdle()
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    trackMany(1)
    await client.flush()
    expect(collector.connections()).toBe(2)
    expect([errors, client.stats().delivered]).toEqual([[], 4])
  })
})

import { describe, expect, it } from 'vitest'
import { expectBalanced, names, setUp } from '../test/client.ts'
import { acceptAll, answer, json, type Respond, reset, silence } from '../test/collector.ts'

describe('on the wire', () => {
  it('sends the six calls as one gzipped batch that names its key, time and stream', async () => {
    const { client, collector } = await setUp()
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
    const { client, collector } = await setUp()
    for (let i = 0; i < 20; i++) {
      client.track({ userId: 'u', event: 'E', properties: { text: `${i}`.repeat(20_000) } })
    }
    await client.flush()
    expect(collector.requests.flatMap((r) => r.body.batch)).toHaveLength(20)
    expect(collector.requests[0]?.headers['content-encoding']).toBe('gzip')
  })

  it('sends a full batch without a flush, and a part of one after the interval', async () => {
    const { outcomes, received, trackMany } = await setUp([], { flushAt: 3, flushIntervalMs: 100 })
    trackMany(4)
    await expect.poll(() => outcomes).toHaveLength(4)
    expect(received()).toEqual([names(3), names(1, 3)])
  })

  it('keeps a batch under 480 KB', async () => {
    const { client, collector } = await setUp([], { gzip: false })
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
    ['no answer in time', silence],
  ])('delivers everything once and in order after %s', async (_, fault) => {
    const options = { flushAt: 5, requestTimeoutMs: 150 }
    const { client, outcomes, received, trackMany } = await setUp([fault, fault], options)
    const errors: unknown[] = []
    client.on('error', (error) => errors.push(error))
    trackMany(12)
    await client.flush()
    expect(received()).toEqual([names(5), names(5), names(5), names(5, 5), names(2, 10)])
    expect(outcomes).toEqual(names(12).map((name) => `${name} ok`))
    expect(errors).toHaveLength(2)
    expect(client.stats()).toEqual({
      created: 12,
      delivered: 12,
      duplicate: 0,
      rejected: {},
      dropped: {},
      pending: 0,
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

  it('waits as long as Retry-After asks', async () => {
    const { client, collector, trackMany } = await setUp([json(429, {}, { 'retry-after': '1' })])
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

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { platform, setUp } from '../test/client.ts'
import { answer, json, silence } from '../test/collector.ts'
import { Tributary } from './client.ts'

describe('a receipt', () => {
  it('tells each outcome, whenever it is asked for', async () => {
    const statuses = ['accepted', 'duplicate', 'rejected'] as const
    const { client } = await setUp([
      answer((_, i) => ({ status: statuses[i] ?? 'accepted', code: 'bad', message: 'No.' })),
    ])
    const receipts = statuses.map((event) => client.track({ userId: 'u', event }))
    const asked = receipts.map(({ delivered }) => delivered)
    await Promise.all(receipts.map(({ persisted }) => persisted))
    await client.flush()
    const expected = [
      { outcome: 'delivered' },
      { outcome: 'duplicate' },
      { outcome: 'rejected', code: 'bad', message: 'No.' },
    ]
    expect(await Promise.all(asked)).toEqual(expected)
    expect(await Promise.all(receipts.map(({ delivered }) => delivered))).toEqual(expected)
    expect(receipts[0]?.delivered).toBe(receipts[0]?.delivered)
  })

  it('tells at once what is not taken', async () => {
    const { client } = await setUp()
    await client.closeAndFlush()
    const calls: unknown[] = []
    client.once('call_after_close', ({ event }) => calls.push(event.type))
    for (let i = 0; i < 2; i++) {
      const receipt = client.track({ userId: 'u', event: 'E' })
      expect(receipt.accepted).toBe(false)
      await receipt.persisted
      expect(await receipt.delivered).toEqual({ outcome: 'dropped', reason: 'closed' })
    }
    expect(calls).toEqual(['track'])
  })
})

it('tells of pressure before it loses anything, and when it is over', async () => {
  const { client } = await setUp([json(503, {})], { maxQueueBytes: 20_000 })
  await client.ready()
  let taken = 0
  while (client.writable) {
    expect(client.track({ userId: 'u', event: 'E' }).accepted).toBe(true)
    taken++
  }
  expect(client.stats().memoryBytes).toBeLessThan(12_000)
  const ready = client.ready()
  void client.flush()
  await ready
  expect(client.writable).toBe(true)
  expect(client.stats().delivered).toBe(taken)
})

describe("Segment's surface", () => {
  it('sends by a fetch or a client of the host', async () => {
    const { collector } = await setUp()
    const { endpoint } = collector
    const seen: unknown[] = []
    const makeRequest = async (request: {
      url: string
      method: string
      headers: Record<string, string>
      body: string | Uint8Array<ArrayBuffer>
      httpRequestTimeout: number
    }) => {
      seen.push([request.method, request.httpRequestTimeout])
      const response = await fetch(request.url, request)
      return {
        status: response.status,
        headers: { 'Retry-After': '1' },
        text: () => response.text(),
      }
    }
    for (const how of [{ fetch }, { httpClient: fetch }, { httpClient: { makeRequest } }]) {
      const client = new Tributary({ writeKey: 'wk', endpoint, gzip: true, ...how }, platform)
      client.track({ userId: 'u', event: 'ü', properties: { text: 'x'.repeat(2000) } })
      await client.closeAndFlush()
      expect(client.stats().delivered).toBe(1)
    }
    expect(seen).toEqual([['POST', 10_000]])
  })

  it('sends to a path of its own, and nothing at all when disabled', async () => {
    const { client, collector, trackMany } = await setUp([], { path: '/in' })
    trackMany(1)
    await client.flush()
    expect(collector.requests[0]?.url).toBe('/in')
    const { endpoint } = collector
    const disabled = new Tributary({ writeKey: 'wk', endpoint, disable: true }, platform)
    expect(() => disabled.track({ userId: 'u' } as never)).toThrow('event')
    expect(disabled.track({ userId: 'u', event: 'E' }).accepted).toBe(false)
    await disabled.closeAndFlush()
    expect(disabled.stats()).toMatchObject({ created: 1, dropped: { disabled: 1 } })
    expect(collector.requests).toHaveLength(1)
  })

  it('tells of calls, requests and the end of the queue', async () => {
    const { client, trackMany } = await setUp()
    const told: unknown[] = []
    client
      .on('track', (event) => told.push('event' in event && event.event))
      .on('http_request', ({ url }) => told.push(new URL(url).pathname))
      .on('http_response', ({ status }) => told.push(status))
      .on('drained', () => told.push('drained'))
    trackMany(1)
    await client.flush({ close: true })
    expect(told).toEqual(['e0', '/v1/batch', 200, 'drained'])
    expect(client.track({ userId: 'u', event: 'E' }).accepted).toBe(false)
  })
})

describe('where a function ends with its answer', () => {
  it("sends each task's events at its end, and hands over the promise", async () => {
    const promises: Promise<unknown>[] = []
    const { client, received, trackMany } = await setUp([], {
      waitUntil: (promise) => promises.push(promise),
    })
    trackMany(2)
    expect(promises).toHaveLength(1)
    const receipt = client.track({ userId: 'u', event: 'e2' })
    await Promise.all(promises)
    expect(received()).toEqual([['e0', 'e1', 'e2']])
    expect(await receipt.delivered).toEqual({ outcome: 'delivered' })
    trackMany(1, 3)
    await client.flush()
    expect(promises).toHaveLength(3)
  })

  it('survives a platform that takes no promise now', async () => {
    const errors: string[] = []
    const { client } = await setUp([], {
      waitUntil() {
        throw new Error('outside of a request')
      },
    })
    client.on('error', (error) => errors.push(error.message))
    expect(client.track({ userId: 'u', event: 'E' }).accepted).toBe(true)
    await expect.poll(() => client.stats().delivered).toBe(1)
    expect(errors).toEqual(['outside of a request'])
  })

  it('tells of an event that was not delivered in time', async () => {
    const { client } = await setUp([silence], { immediate: true, requestTimeoutMs: 50 })
    const { delivered } = client.track({ userId: 'u', event: 'E' })
    expect(await Promise.race([delivered, sleep(20, 'not yet')])).toBe('not yet')
    expect(await delivered).toEqual({ outcome: 'delivered' })
  })
})

import { describe, expect, test } from 'vitest'
import type { Arrival } from './arrival.ts'
import { normalise } from './normalise.ts'

const RECEIVED = '2026-11-22T10:00:00.000Z'
const arrival: Arrival = {
  source: { id: 'web', writeKeys: ['wk'] },
  receivedAtMs: Date.parse(RECEIVED),
  messageId: 'm1',
}
const event = { type: 'track' as const, event: 'E', userId: 'u', messageId: 'm1' }

describe('normalise', () => {
  test('keeps everything the client sent but its key', () => {
    const sent = { ...event, properties: { a: [1] }, custom: { b: null }, writeKey: 'wk' }
    const stored = normalise(sent, arrival)
    expect(stored).toMatchObject({ properties: { a: [1] }, custom: { b: null } })
    expect(stored).not.toHaveProperty('writeKey')
    expect(sent).toHaveProperty('writeKey')
  })

  test('corrects the time and keeps the client’s', () => {
    const sent = { ...event, timestamp: '2020-01-01T00:00:00Z' }
    expect(normalise(sent, { ...arrival, sentAt: '2020-01-01T00:00:30Z' })).toMatchObject({
      originalTimestamp: '2020-01-01T00:00:00Z',
      sentAt: '2020-01-01T00:00:30Z',
      timestamp: '2026-11-22T09:59:30.000Z',
      receivedAt: RECEIVED,
      _tributary: { clock: { method: 'shifted', confidence: 'low', offsetMs: 217_504_770_000 } },
    })
  })

  test('reads RudderStack’s field, and prefers the event’s own sentAt', () => {
    const sent = {
      ...event,
      originalTimestamp: '2026-11-22T09:00:00Z',
      sentAt: '2026-11-22T09:00:10Z',
    }
    expect(normalise(sent, { ...arrival, sentAt: '2026-11-22T08:00:00Z' }).timestamp).toBe(
      '2026-11-22T09:59:50.000Z',
    )
  })

  test('leaves the time alone where the clock agrees with the arrival', () => {
    const sent = { ...event, timestamp: '2026-11-22T09:00:00Z' }
    expect(normalise(sent, { ...arrival, sentAt: '2026-11-22T09:59:40Z' })).toMatchObject({
      timestamp: '2026-11-22T09:00:00.000Z',
      _tributary: { clock: { method: 'client', confidence: 'high' } },
    })
  })

  test.for(['analytics-swift', 'analytics-kotlin'])(
    'does not take a file of %s, closed long ago, for a wrong clock',
    (name) => {
      const sent = {
        ...event,
        timestamp: '2026-11-21T08:00:00Z',
        context: { library: { name, version: '1' } },
      }
      expect(normalise(sent, { ...arrival, sentAt: '2026-11-21T09:00:00Z' })).toMatchObject({
        timestamp: '2026-11-21T08:00:00.000Z',
        _tributary: { clock: { method: 'client', confidence: 'low' } },
      })
    },
  )

  test('flags a time that it cannot read and keeps it', () => {
    expect(normalise({ ...event, timestamp: 'yesterday' }, arrival)).toMatchObject({
      originalTimestamp: 'yesterday',
      timestamp: RECEIVED,
      _tributary: { flags: ['timestamp_unreadable'] },
    })
  })

  test('tells what it replaced', () => {
    const sent = {
      ...event,
      messageId: 'too long',
      source: 'app',
      receivedAt: 'then',
      userId: 42,
      timestamp: '2026-11-22T09:00:00Z',
      originalTimestamp: '2026-11-22T08:00:00Z',
    }
    expect(normalise(sent, { ...arrival, sentType: 'page' })).toMatchObject({
      messageId: 'm1',
      source: 'web',
      userId: '42',
      _tributary: {
        sent: {
          type: 'page',
          messageId: 'too long',
          source: 'app',
          receivedAt: 'then',
          userId: 42,
          originalTimestamp: '2026-11-22T08:00:00Z',
        },
      },
    })
  })

  test('flags an identifier that is none, and leaves it', () => {
    expect(normalise({ ...event, anonymousId: { a: 1 } }, arrival)).toMatchObject({
      anonymousId: { a: 1 },
      _tributary: { flags: ['anonymousId_unusable'] },
    })
  })

  test('fills in the device where it is known, and what the client says wins', () => {
    const device = { ip: '203.0.113.9', userAgent: 'Test/1' }
    expect(normalise(event, { ...arrival, device }).context).toEqual(device)
    expect(
      normalise({ ...event, context: { ip: '0.0.0.0', locale: 'de' } }, { ...arrival, device })
        .context,
    ).toEqual({ ip: '0.0.0.0', userAgent: 'Test/1', locale: 'de' })
    expect(normalise(event, arrival)).not.toHaveProperty('context')
  })

  test('adds little of its own to a plain event', () => {
    expect(normalise(event, arrival)).toEqual({
      ...event,
      source: 'web',
      receivedAt: RECEIVED,
      timestamp: RECEIVED,
      _tributary: { clock: { method: 'received', confidence: 'low' } },
    })
  })
})

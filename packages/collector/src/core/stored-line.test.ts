import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packClocks, unpackClocks } from './packed-clocks.ts'
import type { StoredEvent } from './stored-event.ts'
import { toLine, withTimeInLine } from './stored-line.ts'

const FIRST = { method: 'client', confidence: 'high' } as const
const SECOND = { method: 'shifted', confidence: 'medium', offsetMs: -86_400_000 } as const

const event: StoredEvent = {
  type: 'track',
  messageId: 'm1',
  source: 'web',
  receivedAt: '2026-11-22T10:00:00.000Z',
  timestamp: '2026-11-22T09:00:00.000Z',
  _tributary: { clock: FIRST, flags: ['a'] },
}

test('a line is the event', () => {
  const { line, tailLength } = toLine(event)
  expect(JSON.parse(line)).toEqual(event)
  expect(line.slice(-tailLength)).toMatch(/^,"timestamp"/)
})

test('another time takes the place of the first, whatever else an event holds', () => {
  const timestampMs = Date.parse('2026-11-21T09:00:00.000Z')
  const sent = { timestamp: 'x', '"clock":': { clock: { method: '"clock":' } } }
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (properties, own) => {
      const odd = {
        ...event,
        properties: { own: properties, timestamp: ',"timestamp":"1","_tributary":{"clock":{}}' },
        _tributary: { flags: ['b'], clock: FIRST, sent: { ...sent, own } },
      } as StoredEvent
      const { line, tailLength } = toLine(odd)
      const retimed = withTimeInLine(line, tailLength, { timestampMs, ...SECOND })
      expect(JSON.parse(retimed)).toEqual({
        ...JSON.parse(JSON.stringify(odd)),
        timestamp: '2026-11-21T09:00:00.000Z',
        _tributary: JSON.parse(JSON.stringify({ ...odd._tributary, clock: SECOND })),
      })
    }),
  )
})

test('a time of five-digit years has more digits, and is replaced all the same', () => {
  const far = { ...event, timestamp: '+010000-01-01T00:00:00.000Z' }
  const { line, tailLength } = toLine(far)
  const retimed = withTimeInLine(line, tailLength, { timestampMs: 0, ...SECOND })
  expect(JSON.parse(retimed).timestamp).toBe('1970-01-01T00:00:00.000Z')
})

test('what a journal needs to know of times comes back as it was packed', () => {
  const receivedAtMs = 5
  const prints = [
    { device: 2n ** 64n - 1n, times: { originalMs: -1, sentMs: 8.64e15 }, tailLength: 99 },
    { device: 0n, times: { originalMs: undefined, sentMs: undefined }, tailLength: 0 },
    { device: 7n, times: { originalMs: 1, sentMs: 2, isSentLate: true }, tailLength: 2 ** 21 },
  ].map(({ times, ...print }) => ({
    ...print,
    times: { isSentLate: false, ...times, receivedAtMs },
  }))
  expect(unpackClocks(packClocks(prints), receivedAtMs)).toEqual(prints)
})

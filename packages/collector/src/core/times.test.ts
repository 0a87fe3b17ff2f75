import { expect, test } from 'vitest'
import { setTimes, withTime } from './times.ts'

const receivedAtMs = Date.parse('2026-11-22T10:00:00Z')

test('a second decision, by one who knows the device, takes the place of the first alone', () => {
  const sent = { timestamp: '2026-11-22T07:00:00Z', sentAt: '2026-11-22T08:00:00Z', receivedAt: 1 }
  const first = setTimes(sent, { receivedAtMs })
  expect(first).toMatchObject({
    timestamp: '2026-11-22T09:00:00.000Z',
    _tributary: { clock: { method: 'shifted', confidence: 'low', offsetMs: 7_200_000 } },
  })
  const decision = { timestampMs: receivedAtMs - 10_800_000, method: 'client', confidence: 'high' }
  expect(withTime(first, decision as Parameters<typeof withTime>[1])).toEqual({
    ...first,
    timestamp: '2026-11-22T07:00:00.000Z',
    _tributary: { sent: { receivedAt: 1 }, clock: { method: 'client', confidence: 'high' } },
  })
})

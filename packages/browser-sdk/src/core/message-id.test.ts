import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { validate, version } from 'uuid'
import { expect, test } from 'vitest'
import { timeOf } from './entry.ts'
import { createMessageIds } from './message-id.ts'

const NOW = 1_795_352_000_000
const randomWords = (): Uint32Array => new Uint32Array(Uint8Array.from(randomBytes(64)).buffer)

test('ids are UUIDv7s, also with extreme random bytes', () => {
  const anyWords = fc.uint32Array({ minLength: 2, maxLength: 2 })
  const anyTime = fc.integer({ min: 1, max: 2 ** 48 - 2 })
  fc.assert(
    fc.property(anyTime, anyWords, (time, words) => {
      const id = createMessageIds(
        () => time,
        () => words,
      )()
      expect(validate(id)).toBe(true)
      expect(version(id)).toBe(7)
      expect(timeOf(id)).toBe(time)
      const [last = 0, first = 0] = words
      expect(id.slice(19).replace('-', '')).toBe(
        (first >>> 2)
          .toString(16)
          .padStart(8, '0')
          .replace(/^./, (digit) => '89ab'[Number(digit)] ?? '') +
          last.toString(16).padStart(8, '0'),
      )
    }),
  )
})

test('each of 10,000 ids within one millisecond is greater than the one before', () => {
  const next = createMessageIds(() => NOW, randomWords)
  const ids = Array.from({ length: 10_000 }, next)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(10_000)
  expect(ids.every(validate)).toBe(true)
  // Milliseconds that were borrowed, no more than it took.
  expect(timeOf(ids.at(-1) as string) - NOW).toBe(2)
})

test('ids take all the words that they were given, each once, before they ask for more', () => {
  let asked = 0
  const next = createMessageIds(
    () => NOW,
    () => Uint32Array.of(0, 1, 2, 3).fill(asked++),
  )
  const random = Array.from({ length: 5 }, () => Number.parseInt(next().slice(-8), 16))
  expect(random).toEqual([0, 0, 1, 1, 2])
})

test('ids go on upwards when the clock is set back, and take its time again once it is past', () => {
  let now = NOW
  const next = createMessageIds(() => now, randomWords)
  const ids = [next()]
  now -= 3_600_000
  ids.push(next(), next())
  now = NOW + 1
  ids.push(next())
  expect([...ids].sort()).toEqual(ids)
  expect(ids.map((id) => timeOf(id) - NOW)).toEqual([0, 0, 0, 1])
})

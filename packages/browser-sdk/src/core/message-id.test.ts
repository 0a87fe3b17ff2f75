import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { parse, validate, version } from 'uuid'
import { expect, test } from 'vitest'
import { timeOf } from './entry.ts'
import { createMessageIds } from './message-id.ts'

const NOW = 1_795_352_000_000
const eightBytes = (): Uint8Array => Uint8Array.from(randomBytes(8))

test('ids are UUIDv7s, also with extreme random bytes', () => {
  const anyBytes = fc.uint8Array({ minLength: 8, maxLength: 8 })
  const anyTime = fc.integer({ min: 1, max: 2 ** 48 - 2 })
  fc.assert(
    fc.property(anyTime, anyBytes, (time, bytes) => {
      const id = createMessageIds(
        () => time,
        () => bytes.slice(),
      )()
      expect(validate(id)).toBe(true)
      expect(version(id)).toBe(7)
      expect(timeOf(id)).toBe(time)
      expect(Array.from(parse(id).slice(9))).toEqual(Array.from(bytes.slice(1)))
    }),
  )
})

test('each of 10,000 ids within one millisecond is greater than the one before', () => {
  const next = createMessageIds(() => NOW, eightBytes)
  const ids = Array.from({ length: 10_000 }, next)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(10_000)
  expect(ids.every(validate)).toBe(true)
  // Milliseconds that were borrowed, no more than it took.
  expect(timeOf(ids.at(-1) as string) - NOW).toBe(2)
})

test('ids go on upwards when the clock is set back, and take its time again once it is past', () => {
  let now = NOW
  const next = createMessageIds(() => now, eightBytes)
  const ids = [next()]
  now -= 3_600_000
  ids.push(next(), next())
  now = NOW + 1
  ids.push(next())
  expect([...ids].sort()).toEqual(ids)
  expect(ids.map((id) => timeOf(id) - NOW)).toEqual([0, 0, 0, 1])
})

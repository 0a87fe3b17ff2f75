import { expect, test } from 'vitest'
import { createErrorLimit } from './error-limit.ts'

test('the same error is told once a minute, with the number of times between', () => {
  const limit = createErrorLimit()
  expect(limit.admit('a', 0)).toBe(0)
  expect(limit.admit('a', 1)).toBeUndefined()
  expect(limit.admit('b', 2)).toBe(0)
  expect(limit.admit('a', 59_999)).toBeUndefined()
  expect(limit.admit('a', 60_000)).toBe(2)
  expect(limit.admit('a', 60_001)).toBeUndefined()
  expect(limit.admit('a', 120_000)).toBe(1)
})

test('at the end, what was not told yet is, once', () => {
  const limit = createErrorLimit()
  limit.admit('a', 0)
  limit.admit('b', 0)
  limit.admit('a', 1)
  limit.admit('a', 2)
  expect(limit.rest(3)).toEqual([['a', 1]])
  expect(limit.rest(4)).toEqual([])
})

test('a page tells of twenty errors at most', () => {
  const limit = createErrorLimit()
  const admitted = Array.from({ length: 30 }, (_, index) => limit.admit(`${index}`, index))
  expect(admitted.filter((repeats) => repeats === 0)).toHaveLength(20)
  expect(limit.admit('0', 100_000)).toBeUndefined()
  expect(limit.rest(100_000)).toEqual([])
})

test('the last of the twenty goes to whichever comes first', () => {
  const limit = createErrorLimit()
  for (let index = 0; index < 19; index++) limit.admit(`${index}`, 0)
  limit.admit('0', 1)
  limit.admit('1', 1)
  expect(limit.rest(2)).toEqual([['0', 0]])
  expect(limit.admit('new', 3)).toBeUndefined()
})

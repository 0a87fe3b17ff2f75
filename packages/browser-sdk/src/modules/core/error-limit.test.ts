import { expect, test } from 'vitest'
import { createErrorLimit } from './error-limit.ts'

test('the same error is told once a minute, with the number of times between', () => {
  const limit = createErrorLimit<string>()
  expect(limit.admit('a', 'a', 0)).toBe(0)
  expect(limit.admit('a', 'a', 1)).toBeUndefined()
  expect(limit.admit('b', 'b', 2)).toBe(0)
  expect(limit.admit('a', 'a', 59_999)).toBeUndefined()
  expect(limit.admit('a', 'a', 60_000)).toBe(2)
  expect(limit.admit('a', 'a', 60_001)).toBeUndefined()
  expect(limit.admit('a', 'a', 120_000)).toBe(1)
})

test('at the end, what was not told yet is, once', () => {
  const limit = createErrorLimit<string>()
  limit.admit('a', 'first', 0)
  limit.admit('b', 'alone', 0)
  limit.admit('a', 'second', 1)
  limit.admit('a', 'third', 2)
  expect(limit.rest(3)).toEqual([['third', 1]])
  expect(limit.rest(4)).toEqual([])
  expect(limit.admit('a', 'fourth', 60_002)).toBeUndefined()
  expect(limit.admit('a', 'fifth', 60_003)).toBe(1)
})

test('a page tells of twenty errors at most', () => {
  const limit = createErrorLimit<string>()
  const admitted = Array.from({ length: 30 }, (_, index) => limit.admit(`${index}`, '', index))
  expect(admitted.filter((repeats) => repeats === 0)).toHaveLength(20)
  expect(limit.admit('0', '', 100_000)).toBeUndefined()
  expect(limit.rest(100_000)).toEqual([])
})

test('the last of the twenty goes to whichever comes first', () => {
  const limit = createErrorLimit<string>()
  for (let index = 0; index < 19; index++) limit.admit(`${index}`, '', 0)
  limit.admit('0', 'zero', 1)
  limit.admit('1', 'one', 1)
  expect(limit.rest(2)).toEqual([['zero', 0]])
  expect(limit.admit('new', '', 3)).toBeUndefined()
})

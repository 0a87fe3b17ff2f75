import { randomFillSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { createUuid7, timeOfUuid7 } from './uuid7.ts'

it('makes ids of version 7 that tell their time and are all different', () => {
  let nowMs = Date.UTC(2026, 0, 2)
  const uuid = createUuid7(randomFillSync, () => nowMs)
  const ids = Array.from({ length: 5000 }, () => uuid())
  for (const id of ids) {
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    expect(timeOfUuid7(id)).toBe(nowMs)
  }
  expect(new Set(ids).size).toBe(5000)
  nowMs += 7
  expect(timeOfUuid7(uuid())).toBe(nowMs)
  expect(uuid() > (ids[0] as string)).toBe(true)
})

it('fills its 74 random bits, and no others', () => {
  const ids = [0, 0xffff].map((word) =>
    createUuid7(
      (words) => words.fill(word),
      () => 0,
    )(),
  )
  expect(ids).toEqual([
    '00000000-0000-7000-8000-000000000000',
    '00000000-0000-7fff-bfff-ffffffffffff',
  ])
})

it.each(['', 'm1', '01a203dc-038c-465e-a564-000b57278a79', '01a203dc038c765ea564000b57278a79'])(
  'finds no time in %j',
  (id) => {
    expect(timeOfUuid7(id)).toBeUndefined()
  },
)

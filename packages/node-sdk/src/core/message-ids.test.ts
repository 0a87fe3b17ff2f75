import { randomFillSync } from 'node:crypto'
import { v7, validate, version } from 'uuid'
import { expect, it } from 'vitest'
import { createMessageIds, timeOfMessageId } from './message-ids.ts'

it('makes ids of version 7 that are all different, past the stock of random bytes', () => {
  const newId = createMessageIds(randomFillSync)
  const ids = Array.from({ length: 5000 }, newId)
  for (const id of ids) expect(validate(id) && version(id)).toBe(7)
  expect(new Set(ids).size).toBe(5000)
})

it('finds the time that an id was made at', () => {
  const msecs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  expect(timeOfMessageId(v7({ msecs }))).toBe(msecs)
})

it.each(['', 'm1', '01a203dc-038c-465e-a564-000b57278a79', '01a203dc038c765ea564000b57278a79'])(
  'finds no time in %j',
  (id) => {
    expect(timeOfMessageId(id)).toBeUndefined()
  },
)

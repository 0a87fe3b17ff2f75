import { randomFillSync } from 'node:crypto'
import { validate, version } from 'uuid'
import { expect, it } from 'vitest'
import { createMessageIds, timeOfMessageId } from './message-ids.ts'

it('makes ids of version 7 that tell their time and are all different, past the stock of random bytes', () => {
  const newId = createMessageIds(randomFillSync)
  const before = Date.now()
  const ids = Array.from({ length: 5000 }, newId)
  const after = Date.now()
  for (const id of ids) {
    expect(validate(id) && version(id)).toBe(7)
    const time = timeOfMessageId(id) as number
    expect(time >= before && time <= after).toBe(true)
  }
  expect(new Set(ids).size).toBe(5000)
})

it.each(['', 'm1', '01a203dc-038c-465e-a564-000b57278a79', '01a203dc038c765ea564000b57278a79'])(
  'finds no time in %j',
  (id) => {
    expect(timeOfMessageId(id)).toBeUndefined()
  },
)

import type { JsonObject } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { at } from '../test/calls.ts'
import { randomOf } from '../test/shuffle.ts'
import { addRecords, answerOf, emptyState } from './add-records.ts'
import { buildProfiles } from './build-profiles.ts'

const IDENTIFIERS = 10_000
const RECORDS = 100_000

/** Users whose every device was once borrowed by the next user: one component, thousands of profiles. */
function borrowedDevices(): JsonObject[] {
  const random = randomOf(1)
  const users = IDENTIFIERS / 2
  return Array.from({ length: RECORDS }, (_, index) => {
    const user = index < 2 * users ? index >> 1 : Math.floor(random() * users)
    const device = index < 2 * users ? (index + 1) >> 1 : user
    return {
      type: 'track',
      messageId: `m${index}`,
      timestamp: at(index),
      userId: `u${user}`,
      anonymousId: `a${device % users}`,
    }
  })
}

// Took 2 s in one go, 2 ms for an event with known pairs and 60 ms for a new pair, on one core of a busy machine.
test('a component of 10,000 identifiers and 100,000 records takes seconds, one more record milliseconds', () => {
  const records = borrowedDevices()
  const start = performance.now()
  const answer = buildProfiles(records)
  const inOneGo = performance.now() - start
  expect(answer.profiles).toHaveLength(IDENTIFIERS / 2)
  const state = emptyState()
  addRecords(state, records.slice(0, RECORDS / 5))
  const before = performance.now()
  for (let index = 0; index < 10; index++) {
    const more = { type: 'track', messageId: `x${index}`, timestamp: at(RECORDS), userId: 'u7' }
    expect(addRecords(state, [more]).changes).toHaveLength(1)
  }
  const known = (performance.now() - before) / 10
  const again = performance.now()
  addRecords(state, [
    { type: 'track', messageId: 'y', timestamp: at(RECORDS), userId: 'u7', anonymousId: 'new' },
  ])
  const anew = performance.now() - again
  expect(answerOf(state).profiles).toHaveLength(IDENTIFIERS / 2)
  expect({ inOneGo, known, anew }).toSatisfy(
    () => inOneGo < 10_000 && known < 100 && anew < 2000,
    `${inOneGo} ms, ${known} ms, ${anew} ms`,
  )
})

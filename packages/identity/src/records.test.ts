import type { JsonObject } from '@tributary/protocol'
import { describe, expect, test } from 'vitest'
import { call } from '../test/calls.ts'
import { buildProfiles } from './build-profiles.ts'
import { compareBytes } from './byte-order.ts'
import { resolveConfiguration } from './configuration.ts'
import { readRecord } from './facts.ts'

const rules = resolveConfiguration()

function traitsOf(...records: JsonObject[]): (JsonObject | undefined)[] {
  return [records, records.toReversed()].map((log) => buildProfiles(log).profiles[0]?.traits)
}

describe('R1: of two copies of one record', () => {
  const copy = (fields: JsonObject): JsonObject => call('identify', 5, { userId: 'u1', ...fields })

  test('the earlier counts', () => {
    const early = copy({ timestamp: '2026-01-01T00:04:00Z', traits: { plan: 'z' } })
    const traits = traitsOf(copy({ traits: { plan: 'a' } }), early)
    expect(traits).toEqual([{ plan: 'z' }, { plan: 'z' }])
  })

  test('of one time the one whose canonical JSON is smaller', () => {
    const traits = traitsOf(copy({ traits: { plan: 'b' } }), copy({ traits: { plan: 'a' } }))
    expect(traits).toEqual([{ plan: 'a' }, { plan: 'a' }])
  })

  test('one may be another person’s, and then that one has the event', () => {
    const log = [copy({ userId: 'u2' }), copy({ userId: 'u1' })]
    expect(buildProfiles(log).profiles.map(({ ids }) => ids)).toEqual([{ userId: ['u1'] }])
  })
})

describe('R1: a record without an id', () => {
  test('has one of its content, whatever the delivery and the order of its keys', () => {
    const a = readRecord(
      { type: 'track', userId: 'u1', event: 'E', sentAt: 'x', receivedAt: 'y' },
      0,
      rules,
    )
    const b = readRecord(
      { originalTimestamp: 'z', event: 'E', userId: 'u1', type: 'track' },
      1,
      rules,
    )
    const c = readRecord({ type: 'track', userId: 'u1', event: 'F' }, 2, rules)
    expect(a.messageId).toMatch(/^h_[0-9a-f]{64}$/)
    expect(b.messageId).toBe(a.messageId)
    expect(c.messageId).not.toBe(a.messageId)
  })
})

describe('R2: the time of a record', () => {
  const MINUTE = 60_000
  test.for<[fields: JsonObject, expected: number]>([
    [{ timestamp: '1970-01-01T00:05:00.000Z' }, 5 * MINUTE],
    [{ timestamp: '1970-01-01T01:05:00+01:00' }, 5 * MINUTE],
    [{ timestamp: '1970-01-01T00:05:00' }, 5 * MINUTE],
    [{ timestamp: '1970-01-01' }, 0],
    [{ receivedAt: '1970-01-01T00:05:00Z' }, 5 * MINUTE],
    [{ timestamp: '1970-01-01T00:06:00Z', receivedAt: '1970-01-01T00:05:00Z' }, 5 * MINUTE],
    [{ timestamp: '1970-01-01T00:04:00Z', receivedAt: '1970-01-01T00:05:00Z' }, 4 * MINUTE],
    [{ timestamp: 'yesterday', receivedAt: '1970-01-01T00:05:00Z' }, 5 * MINUTE],
    [{ timestamp: '1970-13-01T00:00:00Z' }, 7],
    [{ timestamp: 'Jan 1 1970' }, 7],
    [{}, 7],
  ])('%j is %j', ([fields, expected]) => {
    expect(readRecord({ type: 'track', userId: 'u1', ...fields }, 7, rules).time).toBe(expected)
  })
})

test('R3: texts are ordered by their bytes in UTF-8', () => {
  const texts = ['', 'a', 'a\u{10ffff}', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}']
  const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('hex')
  expect(texts.toReversed().sort(compareBytes)).toEqual(
    texts.toSorted((a, b) => (bytes(a) < bytes(b) ? -1 : 1)),
  )
})

test('what is no event and no control record has no effect, and throws nothing', () => {
  const answer = buildProfiles([
    {},
    { type: 'track' },
    { type: 'other', userId: 'u1' },
    { type: 'track', userId: 'null', context: 'x' },
    { type: 'alias', userId: 'u1', previousId: { a: 1 }, messageId: 7 },
    { type: '$delete' },
    { type: '$unlink', a: 'userId:u1', b: 'userId:u1' },
    { type: '$unlink', a: 'userId:u1', b: 5 },
  ])
  expect(answer.profiles.map(({ ids, eventCount }) => ({ ids, eventCount }))).toEqual([
    { ids: { userId: ['u1'] }, eventCount: 1 },
  ])
})

test('a trait may have any name', () => {
  const traits = JSON.parse('{"__proto__":1,"constructor":2}') as JsonObject
  const [profile] = buildProfiles([call('identify', 1, { userId: 'u1', traits })]).profiles
  expect(JSON.stringify(profile?.traits)).toBe('{"__proto__":1,"constructor":2}')
})

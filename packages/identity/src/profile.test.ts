import type { JsonObject } from '@tributary/protocol'
import { describe, expect, test } from 'vitest'
import { at, call } from '../test/calls.ts'
import { buildProfiles } from './build-profiles.ts'
import type { Profile } from './profile.ts'
import { profileIdOf } from './profile-id.ts'

function profileOf(...log: JsonObject[]): Profile | undefined {
  return buildProfiles(log).profiles[0]
}

describe('R13: a profile', () => {
  test('has the id of the identifier that was seen first', () => {
    const profile = profileOf(
      call('page', 1, { anonymousId: 'a1' }),
      call('identify', 2, { userId: 'u1', anonymousId: 'a1' }),
    )
    expect(profile?.foundedBy).toBe('anonymousId:a1')
    expect(profile?.profileId).toBe(profileIdOf({ key: 'anonymousId:a1' }))
  })

  test('has that of the better one where both were seen at once', () => {
    expect(profileOf(call('page', 1, { anonymousId: 'a1', userId: 'u1' }))?.foundedBy).toBe(
      'userId:u1',
    )
  })

  test('has one of the length and form that is documented, and for ever the same', () => {
    expect(profileIdOf({ key: 'userId:u1' })).toBe('p_b9aec674e9dfdfbdd2d15a23bc58be1e')
  })

  test('is there only where an event belongs to it', () => {
    // The limit keeps the address out, and no event is led by it.
    const log = [call('identify', 1, { userId: 'u1', traits: { email: 'e1@a.io' } })]
    expect(buildProfiles(log, { limits: { total: 1 } }).profiles.map(({ ids }) => ids)).toEqual([
      { userId: ['u1'] },
    ])
  })
})

describe('R14: a trait', () => {
  const write = (minute: number, traits: JsonObject): JsonObject =>
    call('identify', minute, { userId: 'u1', traits })

  test.for<[string, JsonObject[], JsonObject]>([
    [
      'is the last that was written',
      [write(2, { a: 2 }), write(1, { a: 1, b: 1 })],
      { a: 2, b: 1 },
    ],
    ['is gone after null', [write(1, { a: 1 }), write(2, { a: null })], {}],
    ['is there again after null', [write(3, { a: 3 }), write(2, { a: null })], { a: 3 }],
    ['may be empty', [write(1, { a: 1 }), write(2, { a: '' })], { a: '' }],
    [
      'is written whole',
      [write(1, { a: { b: 1 } }), write(2, { a: { c: [2] } })],
      { a: { c: [2] } },
    ],
    [
      'comes from identify alone',
      [
        write(1, { a: 1 }),
        call('track', 2, { userId: 'u1', traits: { a: 2 }, context: { traits: { a: 3 } } }),
      ],
      { a: 1 },
    ],
  ])('%s', ([, log, expected]) => {
    expect(profileOf(...log)?.traits).toEqual(expected)
  })

  test('of one time is that of the larger messageId', () => {
    const a = { ...write(1, { a: 'first' }), messageId: 'a' }
    const b = { ...write(1, { a: 'second' }), messageId: 'b' }
    expect(profileOf(b, a)?.traits).toEqual({ a: 'second' })
  })

  test('tells where it comes from', () => {
    const profile = profileOf({ ...write(1, { a: 1 }), source: 'web' }, write(2, { b: 1 }))
    expect(profile?.provenance).toEqual({
      a: { messageId: 'm001', time: at(1), source: 'web' },
      b: { messageId: 'm002', time: at(2) },
    })
  })
})

test('a profile tells when it was seen, and how it first came', () => {
  const profile = profileOf(
    call('page', 9, { userId: 'u1', context: { campaign: { name: 'late' } } }),
    call('page', 2, { anonymousId: 'a1', context: { page: { referrer: '' }, campaign: {} } }),
    call('page', 4, {
      anonymousId: 'a1',
      source: 'web',
      context: { page: { referrer: 'https://search.example/' }, campaign: { name: 'spring' } },
    }),
    call('identify', 5, { anonymousId: 'a1', userId: 'u1' }),
  )
  expect(profile).toMatchObject({
    eventCount: 4,
    firstSeen: at(2),
    lastSeen: at(9),
    firstCampaign: { value: { name: 'spring' }, messageId: 'm004', time: at(4) },
    firstReferrer: { value: 'https://search.example/', messageId: 'm004', time: at(4) },
  })
})

describe('R15: a group', () => {
  const group = (minute: number, fields: JsonObject): JsonObject => call('group', minute, fields)

  test('has the last traits of all and the profiles of its members, and joins nobody', () => {
    const { groups, profiles } = buildProfiles([
      group(1, { userId: 'u1', groupId: ' g1', traits: { name: 'Old', size: 1 } }),
      group(2, { anonymousId: 'a2', groupId: 'g1', traits: { name: 'New' } }),
      group(3, { userId: 'u1', groupId: 'g2' }),
      call('identify', 4, { anonymousId: 'a2', userId: 'u2' }),
      group(5, { userId: 'u3', groupId: 'undefined' }),
    ])
    const idOf = (userId: string): string =>
      profiles.find(({ ids }) => ids.userId?.includes(userId))?.profileId as string
    expect(groups).toEqual([
      {
        groupId: 'g1',
        traits: { name: 'New', size: 1 },
        provenance: {
          name: { messageId: 'm002', time: at(2) },
          size: { messageId: 'm001', time: at(1) },
        },
        members: [idOf('u1'), idOf('u2')].sort(),
      },
      { groupId: 'g2', traits: {}, provenance: {}, members: [idOf('u1')] },
    ])
    expect(profiles.find(({ ids }) => ids.userId?.includes('u1'))?.groups).toEqual(['g1', 'g2'])
  })

  test('forgets what an erased member wrote', () => {
    const { groups } = buildProfiles([
      group(1, { userId: 'u1', groupId: 'g1', traits: { owner: 'u1' } }),
      group(2, { userId: 'u2', groupId: 'g1', traits: { size: 2 } }),
      call('$delete', 3, { id: 'userId:u1' }),
    ])
    expect(groups).toMatchObject([{ traits: { size: 2 }, members: [expect.any(String)] }])
  })
})

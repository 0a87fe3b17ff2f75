import type { JsonObject } from '@tributary/protocol'
import { describe, expect, test } from 'vitest'
import { call } from '../test/calls.ts'
import { buildProfiles } from './build-profiles.ts'

const track = (minute: number, fields: JsonObject): JsonObject => call('track', minute, fields)
const erase = (minute: number, id: string): JsonObject => call('$delete', minute, { id })

/** The ids of the profiles and what is gone. */
function after(...log: JsonObject[]): { ids: unknown[]; erased: string[]; suppressed: string[] } {
  const { profiles, erased, suppressed } = buildProfiles(log)
  return { ids: profiles.map(({ ids }) => ids), erased, suppressed }
}

describe('R16: an erasure', () => {
  test('takes what was theirs up to its very millisecond, and nothing later', () => {
    expect(
      after(track(1, { userId: 'u1' }), track(2, { userId: 'u1' }), erase(2, 'userId:u1')),
    ).toEqual({ ids: [], erased: ['m001'], suppressed: [] })
    const log = [track(1, { userId: 'u1' }), { ...erase(2, 'userId:u1'), messageId: 'd' }]
    expect(after(...log, track(2, { userId: 'u1' })).erased).toEqual(['m001', 'm002'])
    expect(after(...log, track(3, { userId: 'u1' }))).toMatchObject({
      ids: [{ userId: ['u1'] }],
      erased: ['m001'],
    })
  })

  test('sees the person as the events up to then show them, and not what was linked later', () => {
    const log = [
      track(1, { anonymousId: 'a1' }),
      erase(5, 'userId:u1'),
      track(6, { userId: 'u1', anonymousId: 'a1' }),
    ]
    expect(after(...log).erased).toEqual([])
  })

  test('is not undone by a cut that was made later', () => {
    const log = [
      track(1, { anonymousId: 'a1' }),
      track(2, { userId: 'u1', anonymousId: 'a1' }),
      erase(5, 'userId:u1'),
      call('$unlink', 9, { a: 'userId:u1', b: 'anonymousId:a1' }),
    ]
    expect(after(...log).erased).toEqual(['m001', 'm002'])
  })

  test('comes after those before it: what one has taken is no way to others', () => {
    const log = [
      track(1, { userId: 'u1', anonymousId: 'a1' }),
      erase(2, 'userId:u1'),
      track(3, { anonymousId: 'a1' }),
      erase(4, 'userId:u1'),
    ]
    expect(after(...log).erased).toEqual(['m001'])
  })

  test('takes with it what was dropped while the person was suppressed', () => {
    const log = [
      call('$suppress', 1, { id: 'userId:u1' }),
      track(2, { userId: 'u1' }),
      erase(3, 'userId:u1'),
    ]
    expect(after(...log)).toEqual({ ids: [], erased: ['m002'], suppressed: ['m002'] })
  })

  test('of somebody who is not there takes nothing', () => {
    expect(after(track(1, { userId: 'u1' }), erase(2, 'userId:u2'), erase(3, 'x')).erased).toEqual(
      [],
    )
  })
})

describe('R17: a suppression', () => {
  const suppress = (minute: number): JsonObject => call('$suppress', minute, { id: 'email:E@a.io' })
  const allow = (minute: number): JsonObject => call('$unsuppress', minute, { id: 'email:e@a.io' })
  const typed = (minute: number): JsonObject =>
    track(minute, { userId: 'u1', context: { traits: { email: 'e@a.io' } } })

  test.for<[string, JsonObject[], string[]]>([
    ['drops what carries the id from then on', [typed(1), suppress(2), typed(3)], ['m003']],
    ['ends with the next record', [suppress(1), allow(3), typed(2), typed(4)], ['m002']],
    [
      'counts in the millisecond that it names',
      [{ ...suppress(2), messageId: 'z' }, typed(2)],
      ['m002'],
    ],
    ['drops nothing that does not carry it', [suppress(1), track(2, { userId: 'u1' })], []],
    [
      'of one time, the larger messageId says',
      [{ ...suppress(1), messageId: 'a' }, { ...allow(1), messageId: 'b' }, typed(2)],
      [],
    ],
  ])('%s', ([, log, expected]) => {
    expect(after(...log).suppressed).toEqual(expected)
  })

  test('lets the dropped event link nothing', () => {
    const log = [suppress(1), typed(2), track(3, { userId: 'u1' })]
    expect(after(...log).ids).toEqual([{ userId: ['u1'] }])
  })
})

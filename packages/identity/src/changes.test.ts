import type { JsonObject } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { call } from '../test/calls.ts'
import { addRecords, emptyState, findProfile } from './add-records.ts'
import type { ProfileChange } from './changes.ts'
import { profileIdOf } from './profile-id.ts'

const idOf = (key: string): string => profileIdOf({ key })
const page = (minute: number, anonymousId: string): JsonObject =>
  call('page', minute, { anonymousId })
const login = (minute: number, userId: string, anonymousId: string): JsonObject =>
  call('identify', minute, { userId, anonymousId })

/** What the last of the records changes, profiles left out. */
function lastChanges(...log: JsonObject[]): Omit<ProfileChange, 'profile'>[] {
  const state = emptyState()
  addRecords(state, log.slice(0, -1))
  const { changes } = addRecords(state, log.slice(-1))
  return changes.map((change) => {
    const { profile: _, ...rest } = change as { profile?: unknown } & ProfileChange
    return rest
  })
}

test.for<[string, JsonObject[], Omit<ProfileChange, 'profile'>[]]>([
  [
    'a first event creates',
    [page(1, 'a1')],
    [{ type: 'profile.created', profileId: idOf('anonymousId:a1') }],
  ],
  [
    'another one updates',
    [page(1, 'a1'), page(2, 'a1')],
    [{ type: 'profile.updated', profileId: idOf('anonymousId:a1') }],
  ],
  ['a repeated one changes nothing', [page(1, 'a1'), page(1, 'a1')], []],
  [
    'a login on a second device merges',
    [page(1, 'a1'), login(2, 'u1', 'a1'), page(3, 'a2'), login(4, 'u1', 'a2')],
    [
      {
        type: 'profile.merged',
        profileId: idOf('anonymousId:a1'),
        from: [idOf('anonymousId:a2')],
      } as never,
    ],
  ],
  [
    'an earlier event gives the profile an older id',
    [login(2, 'u1', 'a1'), page(1, 'a1')],
    [
      {
        type: 'profile.merged',
        profileId: idOf('anonymousId:a1'),
        from: [idOf('userId:u1')],
      } as never,
    ],
  ],
  [
    'a cut splits',
    [
      page(1, 'a1'),
      login(2, 'u1', 'a1'),
      call('$unlink', 3, { a: 'userId:u1', b: 'anonymousId:a1' }),
    ],
    [
      {
        type: 'profile.split',
        profileId: idOf('anonymousId:a1'),
        into: [idOf('userId:u1')],
      } as never,
      { type: 'profile.created', profileId: idOf('userId:u1') },
      { type: 'profile.updated', profileId: idOf('anonymousId:a1') },
    ],
  ],
  [
    'an erasure erases',
    [page(1, 'a1'), call('$delete', 3, { id: 'anonymousId:a1' })],
    [{ type: 'profile.erased', profileId: idOf('anonymousId:a1') }],
  ],
  [
    'what came after an erasure is created afresh',
    [page(1, 'a1'), page(5, 'a1'), call('$delete', 3, { id: 'anonymousId:a1' })],
    [
      { type: 'profile.erased', profileId: idOf('anonymousId:a1') },
      { type: 'profile.created', profileId: idOf('anonymousId:a1') },
    ],
  ],
  [
    'an erased event that comes late changes nothing',
    [page(5, 'a1'), call('$delete', 3, { id: 'anonymousId:a1' }), page(1, 'a1')],
    [],
  ],
])('%s', ([, log, expected]) => {
  expect(lastChanges(...log)).toEqual(expected)
})

test('an id that was given out before a merge, and before a cut, leads to who holds it now', () => {
  const state = emptyState()
  addRecords(state, [page(1, 'a1'), page(3, 'a2')])
  addRecords(state, [login(2, 'u1', 'a1'), login(4, 'u1', 'a2')])
  expect(findProfile(state, idOf('anonymousId:a2'))?.ids.userId).toEqual(['u1'])
  addRecords(state, [call('$unlink', 9, { a: 'userId:u1', b: 'anonymousId:a2' })])
  expect(findProfile(state, idOf('anonymousId:a2'))?.ids).toEqual({ anonymousId: ['a2'] })
  expect(findProfile(state, 'userId:u1')?.ids.anonymousId).toEqual(['a1'])
  expect(findProfile(state, 'userId:nobody')).toBeUndefined()
})

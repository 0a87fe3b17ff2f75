import { expect, test } from 'vitest'
import { call } from '../test/calls.ts'
import { addRecords, emptyState } from './add-records.ts'
import { why } from './why.ts'

const state = emptyState({ fanout: { anonymousId: 2 } })
addRecords(state, [
  call('identify', 1, { anonymousId: 'a1', traits: { email: 'e1@a.io' } }),
  call('identify', 2, { anonymousId: 'a2', traits: { email: 'e1@a.io' } }),
  call('identify', 3, { anonymousId: 'a2', userId: 'u1' }),
  call('identify', 4, { anonymousId: 'a2', userId: 'u2' }),
  call('identify', 5, { anonymousId: 'shop', userId: 'u1' }),
  call('identify', 6, { anonymousId: 'shop', userId: 'u2' }),
  call('identify', 7, { anonymousId: 'shop', userId: 'u3' }),
  call('page', 8, { anonymousId: 'stranger' }),
  call('identify', 9, { userId: 'u4' }),
  call('alias', 10, { userId: 'u3', previousId: 'u4' }),
])

test('two that are together are so by a chain of events', () => {
  expect(why(state, 'anonymousId:a1', 'userId:u1')).toMatchObject({
    verdict: 'together',
    chain: [{ messageId: 'm001' }, { messageId: 'm002' }, { messageId: 'm003', kind: 'link' }],
  })
  expect(why(state, 'userId:u4', 'userId:u3')).toMatchObject({
    verdict: 'together',
    chain: [{ messageId: 'm010', kind: 'alias' }],
  })
  expect(why(state, 'email:E1@A.io', 'email:e1@a.io')).toEqual({ verdict: 'together', chain: [] })
})

test('two that are not are told the refused link and its rule', () => {
  expect(why(state, 'userId:u2', 'anonymousId:a1')).toMatchObject({
    verdict: 'refused',
    chain: [
      { messageId: 'm004', refused: { rule: 'limit', type: 'userId', limit: 1 } },
      { messageId: 'm002' },
      { messageId: 'm001' },
    ],
  })
  expect(why(state, 'userId:u1', 'userId:u3')).toMatchObject({
    verdict: 'refused',
    chain: [
      { messageId: 'm005', refused: { rule: 'shared', identifier: 'anonymousId:shop' } },
      { messageId: 'm007', refused: { rule: 'shared', identifier: 'anonymousId:shop' } },
    ],
  })
})

test('strangers and unknown ids are told as such', () => {
  expect(why(state, 'userId:u1', 'anonymousId:stranger')).toEqual({ verdict: 'unconnected' })
  expect(why(state, 'userId:u1', 'userId:u9')).toEqual({ verdict: 'unknown', id: 'userId:u9' })
  expect(why(state, 'nonsense', 'userId:u1')).toEqual({ verdict: 'unknown', id: 'nonsense' })
})

import { expect, test } from 'vitest'
import { identifyUser, joinGroup } from './identity.ts'

const known = { anonymousId: 'a', userId: 'u', traits: { x: 1 }, groupId: 'g' }

test.each([
  [
    'the first id keeps the anonymous id',
    { anonymousId: 'a' },
    'u',
    { y: 2 },
    { anonymousId: 'a', userId: 'u', traits: { y: 2 } },
  ],
  [
    'traits of before the first id are kept',
    { anonymousId: 'a', traits: { x: 1 } },
    'u',
    { y: 2 },
    { anonymousId: 'a', userId: 'u', traits: { x: 1, y: 2 } },
  ],
  ['the same id merges traits', known, 'u', { y: 2 }, { ...known, traits: { x: 1, y: 2 } }],
  ['no id merges traits', known, undefined, { x: 3 }, { ...known, traits: { x: 3 } }],
  [
    'another id loses traits and anonymous id',
    known,
    'v',
    { y: 2 },
    { userId: 'v', traits: { y: 2 }, groupId: 'g' },
  ],
])('identify: %s', (_, before, id, traits, after) => {
  expect(identifyUser(before, id, traits)).toEqual(after)
})

test.each([
  ['the first group', known, 'g', { n: 1 }, { ...known, groupTraits: { n: 1 } }],
  [
    'the same group merges',
    { groupId: 'g', groupTraits: { n: 1 } },
    'g',
    { m: 2 },
    { groupId: 'g', groupTraits: { n: 1, m: 2 } },
  ],
  [
    'no id merges',
    { groupId: 'g', groupTraits: { n: 1 } },
    undefined,
    { m: 2 },
    { groupId: 'g', groupTraits: { n: 1, m: 2 } },
  ],
  [
    'another group replaces',
    { groupId: 'g', groupTraits: { n: 1 } },
    'h',
    { m: 2 },
    { groupId: 'h', groupTraits: { m: 2 } },
  ],
])('group: %s', (_, before, id, traits, after) => {
  expect(joinGroup(before, id, traits)).toEqual(after)
})

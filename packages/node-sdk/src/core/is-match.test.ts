import { expect, it } from 'vitest'
import { isMatch } from './is-match.ts'

const event = {
  type: 'track',
  event: 'A',
  properties: { total: 9, items: [{ id: 1, n: 2 }] },
  userId: null,
}

it.each<[Record<string, unknown>, boolean]>([
  [{}, true],
  [{ event: 'A', properties: { total: 9 } }, true],
  [{ properties: { items: [{ id: 1 }] } }, true],
  [{ userId: null }, true],
  [{ missing: undefined }, true],
  [{ event: 'B' }, false],
  [{ properties: { items: [] } }, false],
  [{ properties: { items: [{ id: 1 }, {}] } }, false],
  [{ properties: { total: '9' } }, false],
  [{ type: { x: 1 } }, false],
])('an event matches %j: %s', (match, is) => {
  expect(isMatch(event, match)).toBe(is)
})

it('a function decides itself', () => {
  expect(isMatch(event, ({ event }) => event === 'A')).toBe(true)
  expect(isMatch(event, () => false)).toBe(false)
})

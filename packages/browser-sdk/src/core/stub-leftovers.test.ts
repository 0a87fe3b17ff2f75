import { expect, test } from 'vitest'
import { leftAt, leftCalls } from './stub-leftovers.ts'

test.each([
  ['nothing', undefined, []],
  ['no JSON', '[["track"', []],
  ['no array', '{"track":1}', []],
  ['no calls', '[1,null,"track",{}]', []],
  ['calls without a name', '[[1],[],[{}]]', []],
  [
    'calls for the tracker of that page',
    '[["on","delivered",null],["page"],["ready",null],["reset"],["trackLink",{},"E"],["constructor"]]',
    [['page'], ['reset']],
  ],
  [
    'a plugin, which may have been there to redact',
    '[["page"],["register",{}],["track","Secret"]]',
    [['page']],
  ],
  ['middleware', '[["addSourceMiddleware",null],["track","Secret"]]', []],
])('of what an earlier page left, %s', (_, text, expected) => {
  expect(leftCalls(text)).toEqual(expected)
})

test('what waited for a plugin or middleware is made by a page that has one, too', () => {
  const text = '[["register"],["track","Secret"],["addSourceMiddleware",null],["page"]]'
  expect(leftCalls(text, true)).toEqual([['track', 'Secret'], ['page']])
})

test.each([
  ['0.27-1700000000123', 1700000000123],
  ['5e-7-1700000000123', 1700000000123],
  ['018bcfe5-687b-7000-8000-000000000000', 1700000000123],
])('the name %s tells when its page began', (name, ms) => {
  expect(leftAt(name)).toBe(ms)
})

import { expect, test } from 'vitest'
import { leftCalls } from './stub-leftovers.ts'

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

import { expect, test } from 'vitest'
import {
  describeError,
  MAX_MESSAGE_LENGTH,
  MAX_STACK_LENGTH,
  withoutQueries,
} from './describe-error.ts'

test.for([
  ['at f (https://a.example/b.js?token=x:10:5)', 'at f (https://a.example/b.js:10:5)'],
  ['f@https://a.example/b.js?a=(b)&c=d:1:2', 'f@https://a.example/b.js:1:2'],
  ['at https://a.example/#/user/ann:3:4', 'at https://a.example/:3:4'],
  ['Loading https://a.example/?q=1&r=2, failed?', 'Loading https://a.example/, failed?'],
  ['"https://a.example/?q=1"', '"https://a.example/"'],
  ['https://a.example:8080/b.js:1:2', 'https://a.example:8080/b.js:1:2'],
  ['Cannot read #secret? of https://a.example', 'Cannot read #secret? of https://a.example'],
] as const)('of %j there stays %j', ([text, clean]) => {
  expect(withoutQueries(text)).toBe(clean)
})

test('an error is described by name, message and stack', () => {
  const { message, stack } = describeError(new TypeError('boom'))
  expect(message).toBe('TypeError: boom')
  expect(stack).toContain('describe-error.test.ts')
})

test.for([
  ['text', 'text'],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [{ message: 'like an error' }, 'like an error'],
  [{ message: 7 }, '7'],
] as const)('of what is no error, %j, the message is %j', ([thrown, message]) => {
  expect(describeError(thrown)).toEqual({ message, stack: undefined })
})

test('what cannot even be read is an error like any other', () => {
  const trap = {
    get message() {
      throw new Error('trap')
    },
  }
  for (const thrown of [trap, Object.create(null), { message: Object.create(null) }]) {
    expect(describeError(thrown)).toEqual({ message: 'unknown', stack: undefined })
  }
  expect(describeError(trap, 'Uncaught').message).toBe('Uncaught')
})

test('stack and message are bounded, and cutting lets no query through', () => {
  const error = new Error('m'.repeat(9999))
  error.stack = `https://a.example/?secret=${'s'.repeat(MAX_STACK_LENGTH)}`.repeat(1000)
  const { message, stack } = describeError(error)
  expect(message).toHaveLength(MAX_MESSAGE_LENGTH)
  expect(stack).toBe('https://a.example/')
  error.stack = '://a\n'.repeat(9999)
  expect(describeError(error).stack).toHaveLength(MAX_STACK_LENGTH)
})

test('a hostile text costs no noticeable time', () => {
  const startMs = performance.now()
  for (const piece of ['://', '://a?', ':1', '?:1:1', '#)']) {
    withoutQueries(`://a?${piece.repeat(MAX_STACK_LENGTH)}`.slice(0, 2 * MAX_STACK_LENGTH))
  }
  expect(performance.now() - startMs).toBeLessThan(1000)
})

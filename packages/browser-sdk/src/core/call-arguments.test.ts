import { expect, test } from 'vitest'
import {
  aliasArguments,
  identifyArguments,
  pageArguments,
  toId,
  trackArguments,
} from './call-arguments.ts'

const P = { a: 1 }
const O = { context: { b: 2 } }
const callback = (): void => {}
const none = { name: undefined, second: undefined, data: {}, options: {}, callback: undefined }

test.each([
  ['a name', ['E'], { name: 'E' }],
  ['properties', ['E', P], { name: 'E', data: P }],
  ['properties and options', ['E', P, O], { name: 'E', data: P, options: O }],
  ['null properties', ['E', null, O], { name: 'E', options: O }],
  ['a callback in place of properties', ['E', callback], { name: 'E', callback }],
  ['a callback in place of options', ['E', P, callback], { name: 'E', data: P, callback }],
  ['a callback at the end', ['E', P, O, callback], { name: 'E', data: P, options: O, callback }],
  ['an object', [{ event: 'E', properties: P }, O], { name: 'E', data: P, options: O }],
  ['nothing', [], {}],
  ['things that are no arguments', [[], 'x', 5], {}],
])('track takes %s', (_, args, expected) => {
  expect(trackArguments(args)).toEqual({ ...none, ...expected })
})

test.each([
  ['nothing', [], {}],
  ['a name', ['N'], { name: 'N' }],
  ['category and name', ['C', 'N'], { second: 'C', name: 'N' }],
  ['name and properties', ['N', P], { name: 'N', data: P }],
  [
    'everything',
    ['C', 'N', P, O, callback],
    { second: 'C', name: 'N', data: P, options: O, callback },
  ],
  ['properties alone', [P], { data: P }],
  ['properties and options', [P, O], { data: P, options: O }],
  ['null category and name', [null, null, P], { data: P }],
  ['options as the fourth', ['C', 'N', null, O], { second: 'C', name: 'N', options: O }],
  ['a callback as the first', [callback], { callback }],
])('page takes %s', (_, args, expected) => {
  expect(pageArguments(args)).toEqual({ ...none, ...expected })
})

test.each([
  ['an id', ['u'], { name: 'u' }],
  ['a number', [7, P], { name: '7', data: P }],
  ['id, traits and options', ['u', P, O], { name: 'u', data: P, options: O }],
  ['traits alone', [P], { data: P }],
  ['traits and options', [P, O, callback], { data: P, options: O, callback }],
  ['a null id', [null, P, O], { data: P, options: O }],
  ['an empty id', ['', P], { data: P }],
  ['options after null traits', ['u', null, O], { name: 'u', options: O }],
])('identify and group take %s', (_, args, expected) => {
  expect(identifyArguments(args)).toEqual({ ...none, ...expected })
})

test.each([
  ['the new id', ['n'], { name: 'n' }],
  ['both ids', ['n', 'o', O], { name: 'n', second: 'o', options: O }],
  ['numbers', [1, 2], { name: '1', second: '2' }],
  ['options in place of the old id', ['n', O], { name: 'n', options: O }],
])('alias takes %s', (_, args, expected) => {
  expect(aliasArguments(args)).toEqual({ ...none, ...expected })
})

test('only strings that are not empty, and numbers, are ids', () => {
  expect(['a', 0, '', null, undefined, {}, true].map(toId)).toEqual([
    'a',
    '0',
    ...Array(5).fill(undefined),
  ])
})

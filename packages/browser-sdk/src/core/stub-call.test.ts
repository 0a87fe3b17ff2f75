import { expect, test } from 'vitest'
import { readStubCall } from './stub-call.ts'

const note = { __t: 'bpc', c: null, p: '/p', u: 'https://x.example/p', s: '', t: 'T', r: '' }
const page = { url: note.u, path: '/p', search: '', title: 'T', referrer: '', canonical: null }

test.each([
  ['a call', ['track', 'E', { a: 1 }], { method: 'track', args: ['E', { a: 1 }] }],
  [
    "a call of Segment's snippet",
    ['page', note],
    { method: 'page', args: [], page, atMs: undefined },
  ],
  [
    'a call of our stub',
    ['track', 'E', { ...note, at: 5 }],
    { method: 'track', args: ['E'], page, atMs: 5 },
  ],
  [
    'a note without a page',
    ['track', 'E', { __t: 'bpc', at: 5 }],
    { method: 'track', args: ['E'], page: undefined, atMs: 5 },
  ],
  ['a note that is all there is', [note], { method: '[object Object]', args: [] }],
  ['an empty array', [], { method: 'undefined', args: [] }],
])('%s', (_, kept, expected) => {
  expect(readStubCall(kept)).toEqual(expected)
})

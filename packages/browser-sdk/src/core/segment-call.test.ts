import { expect, test } from 'vitest'
import { readSegmentCall } from './segment-call.ts'

const note = { __t: 'bpc', c: null, p: '/p', u: 'https://x.example/p', s: '', t: 'T', r: '' }
const page = { url: note.u, path: '/p', search: '', title: 'T', referrer: '', canonical: null }

test.each([
  ["a call of Segment's snippet", ['page', note], { method: 'page', args: [], page }],
  [
    'a call with arguments',
    ['track', 'E', { a: 1 }, note],
    { method: 'track', args: ['E', { a: 1 }], page },
  ],
  ['a call that has no page, such as `on`', ['on', 'track'], { method: 'on', args: ['track'] }],
  ['a note without an address', ['page', { __t: 'bpc' }], { method: 'page', args: [] }],
  [
    'properties that are no note',
    ['track', 'E', { __t: 'x' }],
    { method: 'track', args: ['E', { __t: 'x' }] },
  ],
  ['an empty array', [], { method: 'undefined', args: [] }],
])('%s', (_, kept, expected) => {
  expect(readSegmentCall(kept)).toEqual(expected)
})

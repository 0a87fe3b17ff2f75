import { expect, test } from 'vitest'
import { fromSegment } from './segment-call.ts'

const note = { __t: 'bpc', c: null, p: '/p', u: 'https://x.example/p', s: '', t: 'T', r: '' }
const page = { url: note.u, path: '/p', search: '', title: 'T', referrer: '', canonical: null }

const now = new Date(5)

/** The same of a stub of ours. */
const ours = (type: string) => ({ type, timestamp: now, context: { page } })

test.each<[string, unknown, unknown]>([
  ["a call of Segment's snippet", ['page', note], ['page', ours('page')]],
  [
    'a call with arguments',
    ['track', 'E', { a: 1 }, note],
    ['track', ours('track'), 'E', { a: 1 }],
  ],
  ['a call that has no page, such as `on`', ['on', 'track'], ['on', 'track']],
  ['a note without an address', ['page', { __t: 'bpc' }], ['page']],
  ['properties that are no note', ['track', 'E', { __t: 'x' }], ['track', 'E', { __t: 'x' }]],
  ['an empty array', [], []],
  ['what is no call at all', 'noise', 'noise'],
])('%s', (_, kept, expected) => {
  expect(fromSegment(kept, now)).toEqual(expected)
})

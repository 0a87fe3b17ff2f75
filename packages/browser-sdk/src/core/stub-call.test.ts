import { expect, test } from 'vitest'
import { readStubCall } from './stub-call.ts'

const page = { url: 'https://x.example/p', path: '/p', search: '', title: 'T', referrer: '' }
const ours = { type: 'track', timestamp: new Date(5), context: { page } }
const sent = { ...ours, messageId: 'm1', anonymousId: 'a1', event: 'E' }

test.each([
  ['a call', ['track', 'E', { a: 1 }], { method: 'track', args: ['E', { a: 1 }] }],
  ['a call of our stub', ['track', ours, 'E'], { method: 'track', args: ['E'], page, atMs: 5 }],
  [
    'a call of our stub that was JSON',
    ['track', { ...ours, timestamp: '1970-01-01T00:00:00.005Z' }, 'E'],
    { method: 'track', args: ['E'], page, atMs: 5 },
  ],
  [
    'a call of our stub whose event was sent',
    ['track', sent, 'E'],
    { method: 'track', args: ['E'], page, atMs: 5, messageId: 'm1', event: sent },
  ],
  [
    'a call of our stub whose event is yet to be made',
    ['track', { ...ours, messageId: 'm1' }, 'E'],
    { method: 'track', args: ['E'], page, atMs: 5, messageId: 'm1' },
  ],
  [
    'a call whose first argument only looks like a note',
    ['identify', { type: 'track', context: { page } }],
    { method: 'identify', args: [{ type: 'track', context: { page } }] },
  ],
  ['a note that is all there is', [ours], { method: '[object Object]', args: [] }],
  ['an empty array', [], { method: 'undefined', args: [] }],
])('%s', (_, kept, expected) => {
  expect(readStubCall(kept)).toEqual(expected)
})

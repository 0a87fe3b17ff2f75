import type { EventType } from '@tributary/protocol'
import { expect, it } from 'vitest'
import type { AnyCall } from './calls.ts'
import { writeEvent } from './write-event.ts'

const stamp = {
  messageId: 'm',
  timestamp: '2026-01-02T03:04:05.006Z',
  stream: 's',
  seq: 7,
  library: '{"name":"lib","version":"1"}',
}
const stamped = {
  messageId: 'm',
  timestamp: '2026-01-02T03:04:05.006Z',
  context: { library: { name: 'lib', version: '1' }, delivery: { stream: 's', seq: 7 } },
  integrations: {},
}

function write(type: EventType, call: object) {
  const { messageId, json } = writeEvent(type, call as AnyCall, stamp)
  const event = JSON.parse(json)
  expect(event.messageId).toBe(messageId)
  return event
}

it.each<[EventType, object]>([
  ['track', { userId: 'u', event: 'E', properties: { a: 1 } }],
  ['identify', { userId: 'u', traits: { a: 1 } }],
  ['page', { anonymousId: 'a', category: 'C', name: 'N', properties: { a: 1 } }],
  ['screen', { anonymousId: 'a', category: 'C', name: 'N', properties: { a: 1 } }],
  ['group', { userId: 'u', anonymousId: 'a', groupId: 'g', traits: { a: 1 } }],
  ['alias', { userId: 'u', previousId: 'a' }],
])('writes %s with its own fields and the stamp', (type, call) => {
  expect(write(type, call)).toEqual({ type, ...call, ...stamped })
})

it('leaves out what is null or not of the call', () => {
  const call = { userId: 'u', anonymousId: null, event: 'E', properties: null, traits: {}, x: 1 }
  expect(write('track', call)).toEqual({ type: 'track', userId: 'u', event: 'E', ...stamped })
})

it.each([
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  ['2020-02-02', '2020-02-02'],
  [new Date(Number.NaN), stamped.timestamp],
  ['', stamped.timestamp],
  [undefined, stamped.timestamp],
])('takes the timestamp %s as %s', (timestamp, expected) => {
  expect(write('identify', { userId: 'u', timestamp }).timestamp).toBe(expected)
})

it.each([
  ['own', 'own'],
  ['', 'm'],
  [5, 'm'],
])('takes the messageId %j as %j', (messageId, expected) => {
  expect(write('identify', { userId: 'u', messageId }).messageId).toBe(expected)
})

it('merges the context, and keeps what the SDK knows better', () => {
  const call = { userId: 'u', context: { ip: '::1', library: 'x' }, integrations: { All: false } }
  const before = structuredClone(call)
  const event = write('identify', call)
  expect(event.context).toEqual({ ip: '::1', ...stamped.context })
  expect(event.integrations).toEqual({ All: false })
  expect(call).toEqual(before)
})

it.each([
  ['nothing', () => undefined],
  ['a number', () => 5],
  ['an array', () => [1]],
  ['an empty object', () => ({})],
])('keeps to JSON when the context makes %s of itself', (_, toJSON) => {
  expect(write('identify', { userId: 'u', context: { toJSON } }).context).toEqual(stamped.context)
})

it('leaves out what JSON has no word for', () => {
  const call = { userId: 'u', event: 'E', properties: () => 1, integrations: Symbol('x') }
  expect(write('track', call)).toEqual({
    type: 'track',
    userId: 'u',
    event: 'E',
    ...stamped,
    integrations: undefined,
  })
})

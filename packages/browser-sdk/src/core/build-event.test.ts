import { MAX_MESSAGE_ID_LENGTH } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { buildEvent } from './build-event.ts'
import {
  aliasArguments,
  identifyArguments,
  pageArguments,
  trackArguments,
} from './call-arguments.ts'

const page = {
  path: '/p',
  referrer: '',
  search: '?utm_campaign=c',
  title: 'T',
  url: 'https://x.example/p?utm_campaign=c',
}
const circumstances = {
  messageId: 'm',
  calledAtMs: Date.parse('2026-01-02T03:04:05.678Z'),
  identity: {
    anonymousId: 'a',
    userId: 'u',
    traits: { t: 1 },
    groupId: 'g',
    groupTraits: { s: 2 },
  },
  page,
  context: { userAgent: 'UA', locale: 'en', timezone: 'UTC', library: { name: 'l', version: 'v' } },
  delivery: { stream: 's', seq: 3 },
}
const base = {
  timestamp: '2026-01-02T03:04:05.678Z',
  integrations: {},
  context: {
    ...circumstances.context,
    page,
    delivery: { stream: 's', seq: 3 },
  },
  messageId: 'm',
  anonymousId: 'a',
  userId: 'u',
}

test.each([
  ['track', trackArguments(['E', { p: 1 }]), { event: 'E', properties: { p: 1 } }],
  ['identify', identifyArguments(['u', { t: 1 }]), { traits: { t: 1 } }],
  ['group', identifyArguments(['g', {}]), { groupId: 'g', traits: { s: 2 } }],
  [
    'page',
    pageArguments(['C', 'N', { p: 1 }]),
    { category: 'C', name: 'N', properties: { ...page, p: 1, category: 'C', name: 'N' } },
  ],
  ['page', pageArguments([]), { properties: page }],
  ['screen', pageArguments(['N', { x: 1 }]), { name: 'N', properties: { x: 1 } }],
  ['alias', aliasArguments(['n', 'o']), { userId: 'n', previousId: 'o' }],
  ['alias', aliasArguments(['n']), { userId: 'n', previousId: 'u' }],
] as const)('%s has the wire shape of Segment (%#)', (type, call, fields) => {
  expect(buildEvent(type, call, circumstances)).toEqual({ ...base, type, ...fields })
})

test('an alias of an unknown user starts from the anonymous id', () => {
  const unknown = { ...circumstances, identity: { anonymousId: 'a' } }
  expect(buildEvent('alias', aliasArguments(['n']), unknown)).toMatchObject({ previousId: 'a' })
})

test('options that are fields become fields, all others context', () => {
  const options = {
    integrations: { All: false },
    timestamp: new Date(0),
    messageId: 'own',
    anonymousId: 'b',
    userId: 'v',
    traits: { x: 1 },
    ip: '0.0.0.0',
    context: {
      ip: '192.0.2.1',
      locale: 'de',
      page: { title: 'Own' },
      delivery: { stream: 'forged' },
    },
  }
  expect(buildEvent('track', trackArguments(['E', {}, options]), circumstances)).toEqual({
    ...base,
    type: 'track',
    event: 'E',
    properties: {},
    integrations: { All: false },
    timestamp: '1970-01-01T00:00:00.000Z',
    messageId: 'own',
    anonymousId: 'b',
    userId: 'v',
    context: {
      ...base.context,
      traits: { x: 1 },
      ip: '0.0.0.0',
      locale: 'de',
      page: { ...page, title: 'Own' },
    },
  })
})

test.each([
  ['2026-05-05', '2026-05-05T00:00:00.000Z'],
  [1000, '1970-01-01T00:00:01.000Z'],
  ['nonsense', base.timestamp],
  [new Date(Number.NaN), base.timestamp],
  [null, base.timestamp],
])('timestamp option %j', (timestamp, expected) => {
  const event = buildEvent('track', trackArguments(['E', {}, { timestamp }]), circumstances)
  expect(event.timestamp).toBe(expected)
})

test("a call's own context and options never reach the page's own objects", () => {
  const options = Object.freeze({
    context: Object.freeze({ page: Object.freeze({ title: 'Own' }) }),
  })
  const event = buildEvent('track', trackArguments(['E', {}, options]), circumstances)
  expect(event).toMatchObject({ context: { page: { ...page, title: 'Own' } } })
})

test.each([[''], ['x'.repeat(MAX_MESSAGE_ID_LENGTH + 1)], [{}]])(
  'a messageId that the collector could not answer by is replaced (%#)',
  (messageId) => {
    const event = buildEvent('track', trackArguments(['E', {}, { messageId }]), circumstances)
    expect(event.messageId).toBe('m')
  },
)

import { MAX_EVENT_BYTES, parseEvent, type TributaryEvent } from '@tributary/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byteLength } from './entry.ts'
import { toBoundedJson } from './truncate.ts'

const MAX = 32 * 1024
const base = {
  type: 'track',
  event: 'E',
  messageId: 'm',
  anonymousId: 'a',
  context: { page: { url: 'https://x.example/' }, delivery: { stream: 's', seq: 1 } },
}

/** An event with these properties, bounded. */
function bounded(properties: object, more: object = {}): Record<string, never> & TributaryEvent {
  const json = toBoundedJson({ ...base, ...more, properties } as TributaryEvent, MAX)
  expect(byteLength(json)).toBeLessThanOrEqual(MAX)
  return JSON.parse(json)
}

test('the largest fields are cut, as many as it takes, and are named', () => {
  const event = bounded({ text: 'x'.repeat(40_000), list: Array(500).fill('y'), n: 1, ok: true })
  expect(event).toMatchObject({
    properties: {
      text: `${'x'.repeat(1000)}[truncated]`,
      list: Array(500).fill('y'),
      n: 1,
      ok: true,
    },
    context: { ...base.context, truncated: ['properties.text'] },
  })
  const lists = bounded({ one: Array(9000).fill('y'), two: Array(9001).fill('z'), three: 3 })
  expect(lists).toMatchObject({
    properties: { one: '[truncated]', two: '[truncated]', three: 3 },
    context: { truncated: ['properties.two', 'properties.one'] },
  })
})

test('a small event is not changed', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (properties) => {
      const event = { ...base, properties } as TributaryEvent
      expect(toBoundedJson(event, MAX)).toBe(JSON.stringify(event))
    }),
    { numRuns: 50 },
  )
})

test.each<[string, object, object?]>([
  [
    'very many small fields',
    Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`k${n}`, n])),
  ],
  ['a name as long as a book', { ['k'.repeat(50_000)]: 1 }],
  ['letters of three bytes', { text: '漢'.repeat(20_000), more: '漢'.repeat(1500) }],
  ['letters that JSON writes out', { text: '\u0000'.repeat(20_000) }],
  [
    'an address that is a file',
    {},
    { context: { ...base.context, page: { url: `data:,${'x'.repeat(50_000)}` } } },
  ],
  [
    'large traits and context',
    { a: 'x'.repeat(20_000) },
    { traits: { b: 'y'.repeat(20_000) }, context: { ...base.context, c: 'z'.repeat(20_000) } },
  ],
  ['a long name of the event', {}, { event: 'E'.repeat(50_000) }],
  ['no context', { text: 'x'.repeat(50_000) }, { context: undefined }],
])('%s fit, and the collector takes the event', (_, properties, more) => {
  const event = bounded(properties, more)
  expect(parseEvent(event as never)).toMatchObject({ ok: true })
  if (!more || 'event' in more) expect(event.context?.delivery).toEqual(base.context.delivery)
})

test('the bound holds for every event', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30_000 })
  const fields = fc.dictionary(
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.oneof(text, fc.jsonValue()),
  )
  fc.assert(
    fc.property(fields, fields, (properties, traits) => void bounded(properties, { traits })),
    { numRuns: 30 },
  )
  expect(MAX).toBeLessThan(MAX_EVENT_BYTES)
})

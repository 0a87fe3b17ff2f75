import type { Json } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { mapRow } from './map-row.ts'
import { readMappings } from './mapping.ts'

function map(mapping: Json, values: Record<string, unknown>): unknown[] {
  const read = readMappings(mapping)
  if (!read.ok) throw new Error(read.error.message)
  return mapRow(values, read.value).map((mapped) => (mapped.ok ? mapped.value : mapped.error.code))
}

const ROW = { ID: ' 7 ', Name: 'Ada', Sum: '1.234,50 €', Paid: 'ja', Day: '31.01.2026', Empty: ' ' }

test('texts are templates, and a field whose column is empty is left out', () => {
  const mapping = { type: 'track', event: 'Deal {Name}', userId: 'crm-{ID}', groupId: '{Empty}' }
  expect(map(mapping, ROW)).toEqual([{ type: 'track', event: 'Deal Ada', userId: 'crm-7' }])
})

test('columns are read as what the mapping says', () => {
  const mapping = {
    type: 'track',
    event: 'Deal',
    userId: '{ID}',
    timestamp: { from: '{Day}', as: 'time', format: 'DD.MM.YYYY' },
    properties: {
      sum: { from: '{Sum}', as: 'number', decimal: ',' },
      paid: { from: '{Paid}', as: 'boolean' },
      tags: { from: 'a, b,', as: 'list', separator: ',' },
      stage: { from: '{Name}', values: { Ada: 'won' } },
      fixed: 5,
      nested: { name: '{Name}', nothing: '{Empty}' },
    },
  }
  expect(map(mapping, ROW)).toEqual([
    {
      ...{ type: 'track', event: 'Deal', userId: '7', timestamp: '2026-01-31T00:00:00.000Z' },
      properties: {
        ...{ sum: 1234.5, paid: true, tags: ['a', 'b'], stage: 'won', fixed: 5 },
        nested: { name: 'Ada' },
      },
    },
  ])
})

test.for([
  ['number', '1.5', ',', 'invalid_number'],
  ['number', '1.500', ',', 1500],
  ['number', '1,5', ',', 1.5],
  ['number', '1,500.25', '.', 1500.25],
  ['number', '-3', '.', -3],
  ['number', '€', '.', 'invalid_number'],
  ['number', '1e3', '.', 1000],
  ['boolean', 'nein', '.', false],
  ['boolean', 'maybe', '.', 'invalid_boolean'],
  ['json', '{"a":1}', '.', { a: 1 }],
  ['json', '{', '.', 'invalid_json'],
  ['text', 5, '.', '5'],
] as [string, unknown, string, unknown][])(
  'as %s, %j with %s is %j',
  ([as, value, decimal, wanted]) => {
    const mapping = { type: 'identify', userId: 'u', traits: { x: { from: '{X}', as, decimal } } }
    const [event] = map(mapping, { X: value })
    expect((event as { traits?: { x: unknown } }).traits?.x ?? event).toEqual(wanted)
  },
)

test('a row gives an event for each mapping whose condition holds', () => {
  const mappings = [
    { type: 'identify', userId: '{ID}' },
    { type: 'track', event: 'Won', userId: '{ID}', when: { Stage: ['won', 'closed'] } },
    { type: 'group', userId: '{ID}', groupId: '{Company}', when: { Company: '*' } },
  ]
  expect(map(mappings, { ID: '1', Stage: 'won' }).length).toBe(2)
  expect(map(mappings, { ID: '1', Stage: 'lost', Company: 'c' }).length).toBe(2)
  expect(map(mappings, { ID: '1' }).length).toBe(1)
})

test('what the collector would refuse is refused here, by the same code', () => {
  expect(map({ type: 'identify', userId: '{ID}' }, {})).toEqual(['missing_identity'])
  expect(map({ type: 'track', userId: '{ID}' }, ROW)).toEqual(['missing_event_name'])
})

test('without a mapping, columns count by their names', () => {
  const row = {
    type: 'identify',
    userId: 7,
    'traits.plan': 'pro',
    City: 'Kiel',
    context: '{"locale":"de"}',
  }
  expect(map({ rest: 'auto' }, row)).toEqual([
    {
      type: 'identify',
      userId: '7',
      traits: { plan: 'pro', City: 'Kiel' },
      context: { locale: 'de' },
    },
  ])
  const stored = {
    type: 'track',
    event: 'X',
    userId: 'u',
    messageId: 'm',
    receivedAt: 'now',
    source: 'web',
  }
  expect(map({ rest: 'auto' }, stored)).toEqual([
    { type: 'track', event: 'X', userId: 'u', messageId: 'm' },
  ])
})

test.for([
  [{ typ: 'track' }, 'no field "typ"'],
  [{ type: 'sale' }, '"type" must be one of'],
  [{ properties: { sum: { from: '{S}', as: 'money' } } }, '"properties.sum": "as" must be one of'],
  [
    { timestamp: { from: '{S}', as: 'time', zone: 'Europe/Nowhere' } },
    'no time zone "Europe/Nowhere"',
  ],
  [{ when: 'Stage' }, '"when" must be an object'],
  [[], 'must have something'],
  ['{}', 'must be a JSON object'],
] as [Json, string][])(
  'the mapping %j is refused with the place of its fault',
  ([mapping, message]) => {
    const read = readMappings(mapping)
    expect(read.ok ? '' : read.error.message).toContain(message)
  },
)

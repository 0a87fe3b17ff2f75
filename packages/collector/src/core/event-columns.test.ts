import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRow, EVENT_COLUMNS, type EventTable, emptyTable, linesOf } from './event-columns.ts'

function tableOf(...lines: string[]): EventTable {
  const table = emptyTable()
  for (const line of lines) addRow(table, line)
  return table
}

function columnsOf(event: object) {
  const columns = [...tableOf(JSON.stringify(event))].map(([name, [value]]) => [name, value])
  return Object.fromEntries(columns.filter(([, value]) => value !== null))
}

test('fields stand in their columns, the others in the rest', () => {
  expect(
    columnsOf({
      messageId: 'm1',
      type: 'track',
      timestamp: '2026-11-22T08:00:00.000Z',
      properties: { price: 5 },
      version: 2,
      rest: 'own',
    }),
  ).toEqual({
    messageId: 'm1',
    type: 'track',
    timestamp: '2026-11-22T08:00:00.000Z',
    properties: '{"price":5}',
    rest: '{"version":2,"rest":"own"}',
  })
})

test.for([
  { name: 5 },
  { name: null },
  { name: '\ud800' },
  { timestamp: 5 },
  { timestamp: '2026-11-22' },
  { timestamp: '2026-11-22T08:00:00Z' },
  { timestamp: 'soon' },
])('%j, which its column cannot hold, stands in the rest', (event) => {
  expect(columnsOf(event)).toEqual({ rest: JSON.stringify(event) })
})

test('every event comes back equal, whatever is in it', () => {
  const names = fc.constantFrom(
    ...EVENT_COLUMNS.map(({ name }) => name),
    '__proto__',
    'constructor',
  )
  const times = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  const event = fc.dictionary(
    fc.oneof(names, fc.string({ unit: 'binary' })),
    fc.oneof(fc.jsonValue(), times, fc.string({ unit: 'binary' })),
  )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const lines = events.map((item) => JSON.stringify(item))
      const read = linesOf(tableOf(...lines))
      expect(read.map((line) => JSON.parse(line))).toEqual(lines.map((line) => JSON.parse(line)))
    }),
  )
})

test('numbers keep digits that a double has no room for', () => {
  const line = '{"context":{"id":12345678901234567890},"amount":0.12345678901234567890123}'
  expect(linesOf(tableOf(line))).toEqual([line])
})

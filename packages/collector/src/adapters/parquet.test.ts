import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRow, EVENT_COLUMNS, emptyTable, linesOf } from '../core/event-columns.ts'
import { PARQUET_GROUP_ROWS } from '../limits.ts'
import { readParquet, writeParquet } from './parquet.ts'

async function throughParquet(lines: readonly string[]): Promise<string[][]> {
  const table = emptyTable()
  for (const line of lines) addRow(table, line)
  const groups: string[][] = []
  for await (const group of readParquet(writeParquet(table))) groups.push(linesOf(group))
  return groups
}

test('every event comes back equal, whatever is in it', async () => {
  const names = fc.constantFrom(...EVENT_COLUMNS.map(({ name }) => name), '__proto__')
  const times = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\0', '\ufeffmarked', '\ud800', '', '😀'),
  )
  const event = fc.dictionary(fc.oneof(names, text), fc.oneof(fc.jsonValue(), times, text))
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 30 }), async (events) => {
      const lines = events.map((item) => JSON.stringify(item))
      const read = (await throughParquet(lines)).flat()
      expect(read.map((line) => JSON.parse(line))).toEqual(lines.map((line) => JSON.parse(line)))
    }),
  )
})

test('is read in groups of rows, in order', async () => {
  const lines = Array.from({ length: PARQUET_GROUP_ROWS + 1 }, (_, index) =>
    JSON.stringify({ messageId: `m${index}`, type: index % 2 ? 'track' : 'page' }),
  )
  const groups = await throughParquet(lines)
  expect(groups.map((group) => group.length)).toEqual([PARQUET_GROUP_ROWS, 1])
  expect(groups.flat()).toEqual(lines)
})

test('equal tables give equal files', () => {
  const table = emptyTable()
  for (let index = 0; index < 100; index++) addRow(table, `{"messageId":"m${index}","name":"n"}`)
  expect(writeParquet(table)).toEqual(writeParquet(table))
})

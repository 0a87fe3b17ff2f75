import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCsvReader } from './csv-records.ts'
import type { Row } from './row.ts'

function read(text: string, delimiter?: string): Row[] {
  const reader = createCsvReader(delimiter)
  return [...reader.push(text.split(/\r?\n/)), ...reader.end()]
}

/** Rows as short text: the values, or the line and `!`. */
function told(rows: Row[]): unknown[] {
  return rows.map((row) =>
    'fault' in row ? `${row.line}!` : [row.line, ...Object.values(row.values)],
  )
}

test.for([
  ['commas', 'a,b\n1,2', [[2, '1', '2']]],
  ['semicolons', 'a;b\n1,5;2', [[2, '1,5', '2']]],
  ['tabs', 'a\tb\n1\t2', [[2, '1', '2']]],
  ['bars', 'a|b\n1|2', [[2, '1', '2']]],
  ['the delimiter that the first line names', 'sep=;\na,x;b\n1;2', [[3, '1', '2']]],
  [
    'one column',
    'a\n1\n\n2',
    [
      [2, '1'],
      [4, '2'],
    ],
  ],
  ['delimiters inside of quotes in the heading', '"a,b,c";d\n1;2', [[2, '1', '2']]],
  ['doubled quotes', 'a,b\n"say ""hi""",2', [[2, 'say "hi"', '2']]],
  ['quotes that are not doubled', 'a,b\n"say "hi" now",2', [[2, 'say "hi" now', '2']]],
  ['a quote in the middle of a field', 'a,b\n5" pipe,2', [[2, '5" pipe', '2']]],
  ['spaces behind a quote', 'a,b\n"1" ,2', [[2, '1', '2']]],
  [
    'lines inside of quotes',
    'a,b\n"1\n2\n3",4\n5,6',
    [
      [2, '1\n2\n3', '4'],
      [5, '5', '6'],
    ],
  ],
  [
    'empty fields',
    'a,b,c\n,,\n"","",',
    [
      [2, '', '', ''],
      [3, '', '', ''],
    ],
  ],
  ['empty fields too many', 'a,b\n1,2,,', [[2, '1', '2']]],
  ['a field too many', 'a,b\n1,2,3\n4,5', ['2!', [3, '4', '5']]],
  ['a field too few', 'a,b\n1\n4,5', ['2!', [3, '4', '5']]],
  ['a quote that is never closed', 'a,b\n"1,2\n3,4\n5,6', ['2!', [3, '3', '4'], [4, '5', '6']]],
  [
    'one that a later field would close',
    'a,b\n1,"2\n3,"4"\n5,6',
    ['2!', [3, '3', '4'], [4, '5', '6']],
  ],
  [
    'one that a later line would close',
    'a,b\n1,"2\n3,4"\n5,6',
    [
      [2, '1', '2\n3,4'],
      [4, '5', '6'],
    ],
  ],
  ['windows ends of lines', 'a,b\r\n"1\r\n2",3\r\n', [[2, '1\n2', '3']]],
] as [string, string, unknown[]][])('reads %s', ([, text, rows]) => {
  expect(told(read(text))).toEqual(rows)
})

test('an open quote costs its own line, however many follow', () => {
  const lines = Array.from({ length: 1000 }, (_, line) => `${line},x`)
  const rows = read(`a,b\n"open,x\n${lines.join('\n')}`)
  expect(rows.length).toBe(1001)
  expect(rows.filter((row) => 'fault' in row)).toMatchObject([{ line: 2, text: '"open,x' }])
})

test('columns that cannot be told apart are numbered', () => {
  const [row] = read('name,,name\n1,2,3')
  expect(row).toMatchObject({ values: { name: '1', column_2: '2', name_3: '3' } })
})

test('what a careful program has written is read as it was, in chunks of any size', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ';', ',', '\n', ' ', 'ä', '😀') })
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1 })
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 5 }), (cells, size) => {
      const text = stringify([['x', 'y', 'z'], ...cells], { delimiter: ';', quoted: true })
      const lines = text.split('\n').slice(0, -1)
      const reader = createCsvReader(';')
      const rows: Row[] = []
      for (let at = 0; at < lines.length; at += size)
        rows.push(...reader.push(lines.slice(at, at + size)))
      rows.push(...reader.end())
      expect(rows.map((row) => ('fault' in row ? row : Object.values(row.values)))).toEqual(cells)
    }),
  )
})

test('no text at all makes it lose a line or stop', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', '""'), maxLength: 200 })
  fc.assert(
    fc.property(text, (body) => {
      const lines = `a,b\n${body}`.split('\n')
      const reader = createCsvReader()
      const rows = [...reader.push(lines), ...reader.end()]
      const numbers = rows.map(({ line }) => line)
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
      const filled = lines.slice(1).filter((line) => line.trim() !== '').length
      const used = rows.reduce((sum, row) => {
        if ('fault' in row) return sum + 1
        const inside = Object.values(row.values).join('').split('\n')
        return sum + inside.length
      }, 0)
      expect(used).toBeGreaterThanOrEqual(filled)
    }),
  )
})

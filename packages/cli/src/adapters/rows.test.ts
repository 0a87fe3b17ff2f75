import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { openDuckDb } from './duckdb.ts'
import { openRowFile, readRows } from './rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'tributary-rows-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** All rows, and how many bytes of the file were read. */
async function read(path: string, options = {}) {
  const file = openRowFile(path, options)
  const rows: unknown[] = []
  let bytes = 0
  const chunks = readRows(file, (count) => {
    bytes += count
  })
  for await (const chunk of chunks) rows.push(...chunk)
  expect(Math.round(bytes)).toBe(file.bytes)
  return rows
}

const WINDOWS = Buffer.from('Groß;ä\r\n', 'latin1')

test.for([
  ['UTF-8', Buffer.from('name;x\nGroß;ä\n')],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffname;x\nGroß;ä\n')],
  ['UTF-8 without an end of the last line', Buffer.from('name;x\nGroß;ä')],
  ['Windows-1252', Buffer.concat([Buffer.from('name;x\r\n'), WINDOWS])],
  ['UTF-16 as spreadsheets write it', Buffer.from('\ufeffname;x\r\nGroß;ä\r\n', 'utf16le')],
] as [string, Buffer][])('a file in %s is read as what it says', async ([name, bytes]) => {
  const rows = await read(write(`${name}.csv`, bytes))
  expect(rows).toEqual([{ line: 2, values: { name: 'Groß', x: 'ä' } }])
})

test('a file of two encodings is read line by line, across the borders of chunks', async () => {
  const lines: Buffer[] = [Buffer.from('name;x\n')]
  for (let line = 0; line < 50_000; line++)
    lines.push(line % 3 === 0 ? WINDOWS : Buffer.from('Groß;ä\n'))
  const rows = await read(write('mixed.csv', Buffer.concat(lines)))
  expect(rows.length).toBe(50_000)
  expect(new Set(rows.map((row) => JSON.stringify((row as { values: object }).values))).size).toBe(
    1,
  )
})

test('Windows-1252 has its own euro signs, dashes and quotes', async () => {
  const bytes = Buffer.concat([
    Buffer.from('x\n'),
    Buffer.from([0x80, 0x20, 0x84, 0x61, 0x93, 0x96, 0x9f, 0x0a]),
  ])
  expect(await read(write('windows.csv', bytes))).toMatchObject([{ values: { x: '€ „a“–Ÿ' } }])
})

test('an encoding that is named is taken', async () => {
  const path = write('named.csv', Buffer.from('name\nGroß\n'))
  expect(await read(path, { encoding: 'windows-1252' })).toMatchObject([
    { values: { name: 'GroÃŸ' } },
  ])
})

test('compressed files are read, and the format is told where the name does not', async () => {
  const rows = [{ line: 1, values: { a: 1 } }]
  expect(await read(write('rows.ndjson.gz', gzipSync('{"a":1}\n')))).toEqual(rows)
  const unnamed = write('rows', '{"a":1}\n')
  expect(() => openRowFile(unnamed, {})).toThrow(
    expect.objectContaining({ code: 'unknown_format' }),
  )
  expect(await read(unnamed, { format: 'ndjson' })).toEqual(rows)
})

test('lines that are no objects are told, and a refused row is its record', async () => {
  const refused = '{"line":7,"code":"invalid_time","message":"","record":{"a":2}}'
  const rows = await read(write('rows.ndjson', `{"a":1}\n\n[1]\n{"a":\n${refused}\n`))
  expect(rows).toMatchObject([
    { line: 1, values: { a: 1 } },
    { line: 3, fault: { code: 'not_an_object' }, text: '[1]' },
    { line: 4, fault: { code: 'invalid_json' }, text: '{"a":' },
    { line: 5, values: { a: 2 } },
  ])
})

test('Parquet is read with all digits, times and what nests', async () => {
  const path = join(folder, 'rows.parquet')
  const duckdb = await openDuckDb('256MB', join(folder, 'tmp'))
  await duckdb.run(`COPY (
    SELECT i AS id, 9007199254740993 + i AS wide, TIMESTAMP '2026-01-31 09:05:07.123' AS at, DATE '2026-01-31' AS day,
      1.50::DECIMAL(9, 2) AS price, {'city': 'Köln'} AS address, NULL AS nothing, i % 2 = 0 AS even
    FROM range(5000) t(i)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`)
  duckdb.closeSync()
  const rows = (await read(path)) as { line: number; values: object }[]
  expect(rows.map(({ line }) => line)).toEqual(
    Array.from({ length: 5000 }, (_, index) => index + 1),
  )
  expect(rows[41]?.values).toEqual({
    ...{ id: 41, wide: '9007199254741034', at: '2026-01-31T09:05:07.123Z', day: '2026-01-31' },
    ...{ price: 1.5, address: { city: 'Köln' }, nothing: null, even: false },
  })
})

test('a file that cannot be read is one error with a code', async () => {
  const wrong = write('wrong.parquet', 'PAR1 no')
  await expect(read(wrong)).rejects.toMatchObject({ code: 'file_unreadable' })
  const broken = write('broken.ndjson.gz', gzipSync('{"a":1}\n'.repeat(1000)).subarray(0, 40))
  await expect(read(broken)).rejects.toMatchObject({ code: 'file_unreadable' })
  expect(() => openRowFile(join(folder, 'none.csv'), {})).toThrow(
    expect.objectContaining({ code: 'file_missing' }),
  )
})

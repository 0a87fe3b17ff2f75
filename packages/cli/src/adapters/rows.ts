import { statSync } from 'node:fs'
import { CliError, usageError } from '../cli-error.ts'
import { createCsvReader } from '../core/csv-records.ts'
import { createNdjsonReader } from '../core/ndjson-rows.ts'
import type { Row } from '../core/row.ts'
import { readParquet } from './parquet-rows.ts'
import { type Encoding, readLines } from './text-lines.ts'

/** What a file holds. */
export type RowFormat = 'csv' | 'ndjson' | 'parquet'

/** A file of rows. */
export interface RowFile {
  path: string
  format: RowFormat
  encoding: Encoding
  /** Of CSV; found by the heading where it is not given. */
  delimiter: string | undefined
  bytes: number
}

const EXTENSIONS: Readonly<Record<string, RowFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
}

/** @throws CliError when there is no such file, or its name does not tell the format. */
export function openRowFile(
  path: string,
  options: { format?: RowFormat; encoding?: Encoding; delimiter?: string },
): RowFile {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isFile()) throw new CliError('file_missing', `There is no file ${path}.`)
  const extension = path.toLowerCase().replace(/\.gz$/, '').split('.').at(-1) ?? ''
  const format = options.format ?? EXTENSIONS[extension]
  if (!format) {
    const message = `The name of ${path} does not tell what it holds; say so by --format csv, ndjson or parquet.`
    throw usageError('unknown_format', message)
  }
  const { encoding = 'auto', delimiter } = options
  return { path, format, encoding, delimiter, bytes: stat.size }
}

/** The rows of a file in their order, some thousands at a time. */
export async function* readRows(
  file: RowFile,
  onBytes: (count: number) => void,
): AsyncGenerator<Row[]> {
  if (file.format === 'parquet') {
    yield* readParquet(file.path, file.bytes, onBytes)
    return
  }
  const reader = file.format === 'csv' ? createCsvReader(file.delimiter) : createNdjsonReader()
  for await (const lines of readLines(file.path, file.encoding, onBytes)) yield reader.push(lines)
  yield reader.end()
}

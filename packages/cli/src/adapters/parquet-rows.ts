import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Row } from '../core/row.ts'
import { type DuckDb, openDuckDb, quote, quoteName } from './duckdb.ts'

const MEMORY = '512MB'

/** Integers beyond a double's 53 bits are given as text, with all their digits: ids are such numbers. */
const WIDE_INTEGERS = /^U?(BIGINT|HUGEINT)$/

/** The rows of a Parquet file in their order; `line` counts rows from 1. */
export async function* readParquet(
  path: string,
  bytes: number,
  onBytes: (count: number) => void,
): AsyncGenerator<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-'))
  const duckdb = await openDuckDb(MEMORY, folder)
  try {
    const columns = await readColumns(duckdb, path)
    const [total] = (
      await duckdb.runAndReadAll(
        `SELECT count(*)::DOUBLE AS rows FROM read_parquet(${quote(path)})`,
      )
    ).getRowObjectsJson()
    const rows = Math.max(Number(total?.rows), 1)
    const members = columns.map(({ name, type }) => `${quoteName(name)} := ${asJson(name, type)}`)
    const sql = `SELECT to_json(struct_pack(${members.join(', ')}))::VARCHAR FROM read_parquet(${quote(path)})`
    const result = await duckdb.stream(sql)
    let line = 0
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      yield chunk.getRows().map(([text]) => {
        line++
        return { line, values: JSON.parse(String(text)) as Record<string, unknown> }
      })
      onBytes((bytes * chunk.rowCount) / rows)
    }
  } finally {
    duckdb.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function readColumns(
  duckdb: DuckDb,
  path: string,
): Promise<{ name: string; type: string }[]> {
  try {
    const sql = `DESCRIBE SELECT * FROM read_parquet(${quote(path)})`
    const described = (await duckdb.runAndReadAll(sql)).getRowObjectsJson()
    return described.map(({ column_name, column_type }) => ({
      name: String(column_name),
      type: String(column_type),
    }))
  } catch (error) {
    const [reason] = (error as Error).message.split('\n')
    throw new CliError('file_unreadable', `${path} cannot be read as Parquet: ${reason}`)
  }
}

function asJson(name: string, type: string): string {
  const column = quoteName(name)
  if (WIDE_INTEGERS.test(type)) {
    return `CASE WHEN ${column} BETWEEN -9007199254740991 AND 9007199254740991 THEN to_json(${column}) ELSE to_json(${column}::VARCHAR) END`
  }
  // In DuckDB's own form a time has a space in it and no zone; it is one in UTC.
  if (type.startsWith('TIMESTAMP')) return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`
  return column
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDb, openDuckDb, quote, quoteName } from './adapters/duckdb.ts'
import { CliError } from './cli-error.ts'
import { lakeView, PERSON_VIEWS } from './core/lake-view.ts'
import type { LakeRange } from './lake-copy.ts'

/** A result, in chunks. */
export interface QueryResult {
  columns: string[]
  /** Rows as values that JSON can carry; integers that a double cannot hold are text. */
  rows: AsyncIterable<unknown[][]>
}

/** What a query runs on. */
export interface LakeQuery {
  /** Folder that has `events/source=…`. */
  folder: string
  range: LakeRange
  sql: string
  /** Variables of the query, for `getvariable`. */
  variables: Record<string, string>
  /** What DuckDB may use, such as `1GB`. */
  memory: string
}

/** Runs SQL over a folder of the lake, and hands the result to `use` while the database is open. */
export async function queryLake(
  { folder, range, sql, variables, memory }: LakeQuery,
  use: (result: QueryResult) => Promise<void>,
): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), 'tributary-'))
  const duckdb = await openDuckDb(memory, temporary)
  try {
    await prepare(duckdb, folder, range, variables)
    const result = await duckdb.stream(sql)
    const isInteger = result
      .columnTypes()
      .map((type) => /^U?(BIGINT|HUGEINT)$/.test(type.toString()))
    const chunks = result.yieldRowsJson()
    const rows = async function* () {
      for await (const chunk of chunks) {
        yield chunk.map((row) =>
          row.map((value, column) => (isInteger[column] ? toNumber(value) : value)),
        )
      }
    }
    await use({ columns: result.columnNames(), rows: rows() })
  } catch (error) {
    if (error instanceof CliError || (error as NodeJS.ErrnoException).code !== undefined)
      throw error
    throw new CliError('sql_error', (error as Error).message.replace(/\s*\n\s*/g, ' '))
  } finally {
    duckdb.closeSync()
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function prepare(
  duckdb: DuckDb,
  folder: string,
  range: LakeRange,
  variables: Record<string, string>,
): Promise<void> {
  await duckdb.run(`SET VARIABLE lake = ${quote(folder)}`)
  for (const [name, value] of Object.entries(variables)) {
    await duckdb.run(`SET VARIABLE ${quoteName(name)} = ${quote(value)}`)
  }
  const files = readdirSync(join(folder, 'events'), { recursive: true, encoding: 'utf8' })
  const forms = {
    small: files.some((name) => name.endsWith('.ndjson.gz')),
    compacted: files.some((name) => name.endsWith('.parquet')),
  }
  await duckdb.run(lakeView(forms, 'lake_events'))
  await duckdb.run(`CREATE VIEW events AS SELECT * FROM lake_events WHERE ${conditionOf(range)}`)
  await duckdb.run(PERSON_VIEWS)
}

function conditionOf({ source, from, to }: LakeRange): string {
  const conditions = ['true']
  if (source !== undefined) conditions.push(`source = ${quote(source)}`)
  if (from !== undefined) conditions.push(`date >= ${quote(from)}`)
  if (to !== undefined) conditions.push(`date <= ${quote(to)}`)
  return conditions.join(' AND ')
}

/** DuckDB gives 64-bit integers as text. */
function toNumber(value: unknown): unknown {
  const number = Number(value)
  return typeof value === 'string' && Number.isSafeInteger(number) ? number : value
}

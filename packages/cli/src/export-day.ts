import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { JsonObject } from '@tributary/protocol'
import { stringify } from 'csv-stringify'
import { callApi } from './adapters/collector-api.ts'
import { type DuckDb, openDuckDb, quote, quoteName } from './adapters/duckdb.ts'
import { CliError } from './cli-error.ts'
import type { Connection } from './connection.ts'
import type { DayRange } from './core/days.ts'
import { EVENT_COLUMNS, toCells } from './core/event-columns.ts'

/** What a file of the export holds. */
export type ExportFormat = 'ndjson' | 'csv' | 'parquet'

/** How events are written. */
export interface ExportShape {
  format: ExportFormat
  gzip: boolean
  /** Of CSV: paths such as `properties.price`. */
  columns: readonly string[]
  /** Of CSV: puts `'` before what a spreadsheet would take for a formula. */
  escapeFormulas: boolean
}

/** Extension of a file of this shape, such as `.csv.gz`. */
export function extensionOf({ format, gzip }: ExportShape): string {
  return `.${format}${gzip && format !== 'parquet' ? '.gz' : ''}`
}

/**
 * Writes a day's events into a file, which is there only once it is whole.
 *
 * @returns How many events, and how large the file is.
 */
export async function exportDay(
  connection: Connection,
  range: DayRange,
  source: string | undefined,
  shape: ExportShape,
  path: string,
): Promise<{ events: number; bytes: number }> {
  const part = `${path}.part`
  let events = 0
  const lines = await openExport(connection, range, source)
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) if (byte === NEWLINE) events++
      done(null, chunk)
    },
  })
  try {
    if (shape.format === 'parquet') await writeParquet(lines, counted, part)
    else await pipeline([lines, counted, ...formatters(shape), createWriteStream(part)])
    renameSync(part, path)
    return { events, bytes: statSync(path).size }
  } catch (error) {
    rmSync(part, { force: true })
    throw asCliError(error, path)
  }
}

/** Writes events to stdout, or another stream, as they come. */
export async function exportTo(
  connection: Connection,
  range: Partial<DayRange>,
  source: string | undefined,
  shape: ExportShape,
  to: NodeJS.WritableStream,
): Promise<void> {
  const lines = await openExport(connection, range, source)
  await pipeline([lines, ...formatters(shape), to], { end: false }).catch((error) => {
    throw asCliError(error, 'stdout')
  })
}

const NEWLINE = 0x0a

async function openExport(
  connection: Connection,
  { from, to }: Partial<DayRange>,
  source: string | undefined,
): Promise<Readable> {
  const response = await callApi(connection, '/api/events/export', { query: { source, from, to } })
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
}

function formatters(shape: ExportShape): Transform[] {
  const { format, gzip, columns, escapeFormulas } = shape
  const steps: Transform[] = []
  if (format === 'csv') {
    const write = stringify({
      header: true,
      columns: [...columns],
      escape_formulas: escapeFormulas,
    })
    steps.push(linesToCells(columns), write)
  }
  if (gzip) steps.push(createGzip())
  return steps
}

/** NDJSON in chunks of bytes to rows of cells. */
function linesToCells(columns: readonly string[]): Transform {
  const decoder = new TextDecoder()
  let rest = ''
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() as string
      for (const line of lines) this.push(toCells(JSON.parse(line) as JsonObject, columns))
      done()
    },
  })
}

const MEMORY = '1GB'

/** By way of a file of NDJSON: DuckDB reads files. */
async function writeParquet(lines: Readable, counted: Transform, part: string): Promise<void> {
  const file = `${part}.ndjson`
  let duckdb: DuckDb | undefined
  try {
    await pipeline(lines, counted, createWriteStream(file))
    duckdb = await openDuckDb(MEMORY, `${part}.tmp`)
    const columns = EVENT_COLUMNS.map((name) => `${quoteName(name)}: '${columnType(name)}'`)
    // The options are those of the lake's own Parquet: JSON stays text, times are times.
    const rows = `read_json(${quote(file)}, format = 'newline_delimited', maximum_object_size = 33554432, columns = {${columns.join(', ')}})`
    await duckdb.run(
      `COPY (SELECT * FROM ${rows}) TO ${quote(part)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    duckdb?.closeSync()
    rmSync(file, { force: true })
    rmSync(`${part}.tmp`, { recursive: true, force: true })
  }
}

const TIMES = ['timestamp', 'receivedAt']
const OBJECTS = ['context', 'properties', 'traits', 'integrations', '_tributary']

function columnType(name: string): string {
  if (TIMES.includes(name)) return 'TIMESTAMP'
  return OBJECTS.includes(name) ? 'JSON' : 'VARCHAR'
}

function asCliError(error: unknown, path: string): CliError {
  if (error instanceof CliError) return error
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new CliError('export_interrupted', `The export broke off. Run the same command again.`)
  }
  return new CliError('export_failed', `${path}: ${code ?? message}. Run the same command again.`)
}

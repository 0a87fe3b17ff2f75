import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { readWhole, writeWhole } from '../adapters/checkpoint.ts'
import { callApi } from '../adapters/collector-api.ts'
import { listLake } from '../adapters/lake-listing.ts'
import { createProgress } from '../adapters/progress.ts'
import { usageError } from '../cli-error.ts'
import {
  addConnection,
  type Connection,
  type ConnectionOptions,
  readConnection,
} from '../connection.ts'
import { dayRange, daysOfKeys, readDay } from '../core/days.ts'
import { EVENT_COLUMNS } from '../core/event-columns.ts'
import {
  type ExportFormat,
  type ExportShape,
  exportDay,
  exportTo,
  extensionOf,
} from '../export-day.ts'
import { printLine } from '../output.ts'

interface ExportOptions extends ConnectionOptions {
  out?: string
  format: ExportFormat
  source?: string
  from?: string
  to?: string
  columns?: string
  gzip?: boolean
  escapeFormulas?: boolean
  json?: boolean
}

/** Kept in the folder: what of it is whole. */
interface ExportNote {
  /** What the files were asked for; a folder is of one shape. */
  of: string
  /** Days that were over when they were exported: they do not change any more. */
  days: Record<string, { events: number; bytes: number }>
}

const NOTE = '.export.json'

/** A request arrives with its first byte and may take a minute to be stored: so long a day that is over may still grow. */
const ARRIVAL_MS = 5 * 60_000

export function exportCommand(): Command {
  const command = new Command('export')
    .summary('write stored events into files')
    .description(
      'Writes stored events, each exactly once, into one file for each day of arrival (UTC). Run again, it goes on: days that are there and were over are not fetched again. Without --out, to stdout.',
    )
    .option('--out <folder>', 'folder for the files events-<date>.<format>')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['ndjson', 'csv', 'parquet'])
        .default('ndjson'),
    )
    .option('--source <id>', 'of this source; all')
    .option('--from <date>', 'first day of arrival, UTC')
    .option('--to <date>', 'last day of arrival, UTC')
    .option('--columns <paths>', 'of CSV, such as userId,event,properties.price; all')
    .option('--gzip', 'compress NDJSON and CSV')
    .option('--escape-formulas', "of CSV: put ' before what a spreadsheet would run as a formula")
    .option('--json', 'print what was written as JSON, one line a day')
  return addConnection(command, 'admin')
    .addHelpText(
      'after',
      `
Examples:
  tributary export --out backup --gzip
  tributary export --out january --format parquet --from 2026-01-01 --to 2026-01-31
  tributary export --format csv --columns timestamp,userId,event,properties.total > orders.csv`,
    )
    .action(run)
}

async function run(options: ExportOptions): Promise<void> {
  const shape = readShape(options)
  const range = { ...readDate(options, 'from'), ...readDate(options, 'to') }
  const connection = await readConnection(options)
  if (options.out !== undefined) return exportFolder(connection, options, shape, range)
  if (shape.format === 'parquet') {
    throw usageError('missing_out', 'Parquet goes into files: name a folder by --out.')
  }
  const last = range.to === undefined ? {} : { to: dayRange(range.to).to }
  await exportTo(connection, { ...range, ...last }, options.source, shape, process.stdout)
}

function readShape({ format, gzip, columns, escapeFormulas }: ExportOptions): ExportShape {
  return {
    format,
    gzip: gzip === true,
    columns: columns === undefined ? EVENT_COLUMNS : columns.split(',').map((name) => name.trim()),
    escapeFormulas: escapeFormulas === true,
  }
}

function readDate(options: ExportOptions, name: 'from' | 'to'): { from?: string; to?: string } {
  const text = options[name]
  if (text === undefined) return {}
  const day = readDay(text, `--${name}`)
  if (!day.ok) throw usageError(day.error.code, day.error.message)
  return { [name]: day.value }
}

async function exportFolder(
  connection: Connection,
  { out = '', source, json }: ExportOptions,
  shape: ExportShape,
  range: { from?: string; to?: string },
): Promise<void> {
  mkdirSync(out, { recursive: true })
  const note = openNote(out, JSON.stringify({ ...shape, source, endpoint: connection.endpoint }))
  await callApi(connection, '/api/drain', { method: 'POST' })
  const keys: string[] = []
  for await (const { key } of listLake(connection, prefixOf(source))) keys.push(key)
  const days = daysOfKeys(keys, { ...range, ...(source && { source }) })
  const today = new Date(Date.now() - ARRIVAL_MS).toISOString().slice(0, 10)
  const progress = createProgress()
  const written: Record<string, { events: number; bytes: number }> = {}
  for (const [index, date] of days.entries()) {
    const path = join(out, `events-${date}${extensionOf(shape)}`)
    if (note.days[date] && existsSync(path)) continue
    progress.show(index / days.length, date)
    written[date] = await exportDay(connection, dayRange(date), source, shape, path)
    if (date < today) {
      note.days[date] = written[date]
      writeWhole(join(out, NOTE), JSON.stringify(note))
    }
  }
  progress.end()
  for (const [date, { events, bytes }] of Object.entries(written)) {
    const file = join(out, `events-${date}${extensionOf(shape)}`)
    await printLine(
      json
        ? JSON.stringify({ date, file, events, bytes })
        : `${file}: ${events} events, ${bytes} bytes`,
    )
  }
  const rest = days.length - Object.keys(written).length
  if (!json) await printLine(`${Object.keys(written).length} days written, ${rest} there already`)
}

function prefixOf(source: string | undefined): string {
  return source === undefined ? 'events/' : `events/source=${source}/`
}

function openNote(out: string, of: string): ExportNote {
  const note = readWhole<ExportNote>(join(out, NOTE))
  if (note?.of === of) return note
  if (!note) {
    const empty = { of, days: {} }
    writeWhole(join(out, NOTE), JSON.stringify(empty))
    return empty
  }
  const message = `${out} has an export of another format, source or collector; take another folder.`
  throw usageError('other_export', message)
}

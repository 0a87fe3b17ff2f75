import { Command, Option } from 'commander'
import { usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { dayRange, readDay } from '../core/days.ts'
import { EVENT_COLUMNS } from '../core/event-columns.ts'
import { type ExportFormat, type ExportShape, exportTo } from '../export-day.ts'
import { exportFolder, type FolderResult } from '../export-folder.ts'
import { printLine, remark } from '../output.ts'

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

export function exportCommand(): Command {
  const command = new Command('export')
    .summary('write stored events into files')
    .description(
      'Writes stored events, each exactly once, into one file for each day of arrival (UTC). Run again, it writes the days that are new or have changed in the lake, as by an erasure, and no others. Without --out, to stdout.',
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
  const { out, source, json } = options
  if (out !== undefined) {
    const result = await exportFolder(connection, { out, source, shape, ...range })
    return json ? printJson(result) : printResult(result)
  }
  if (shape.format === 'parquet') {
    throw usageError('missing_out', 'Parquet goes into files: name a folder by --out.')
  }
  const last = range.to === undefined ? {} : { to: dayRange(range.to).to }
  await exportTo(connection, { ...range, ...last }, source, shape, process.stdout)
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

async function printJson({ written, removed }: FolderResult): Promise<void> {
  for (const day of written) await printLine(JSON.stringify(day))
  for (const day of removed) await printLine(JSON.stringify({ ...day, removed: true }))
}

async function printResult({ written, removed, kept, unchanged }: FolderResult): Promise<void> {
  for (const { file, events, bytes } of written) {
    await printLine(`${file}: ${events} events, ${bytes} bytes`)
  }
  for (const { file } of removed) {
    await printLine(`${file}: removed, since the lake has nothing of this day any more`)
  }
  await printLine(`${written.length} days written, ${unchanged} there already`)
  if (kept.length > 0) {
    remark(`Kept, though the lake has nothing of these days any more: ${kept.join(', ')}.`)
  }
}

import { readFile } from 'node:fs/promises'
import { EVENT_TYPES, type Json, type JsonObject } from '@tributary/protocol'
import { Command, Option } from 'commander'
import { openRowFile, type RowFile, type RowFormat, readRows } from '../adapters/rows.ts'
import type { Encoding } from '../adapters/text-lines.ts'
import { EXIT, usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { prepareWave } from '../core/import-wave.ts'
import { type ReadyMapping, readMappings } from '../core/mapping.ts'
import { type ImportResult, importFile } from '../import-file.ts'
import { printLine, remark } from '../output.ts'

interface ImportOptions extends ConnectionOptions {
  map?: string
  type?: string
  event?: string
  userId?: string
  anonymousId?: string
  groupId?: string
  timestamp?: string
  messageId?: string
  format?: RowFormat
  encoding: Encoding
  delimiter?: string
  patience: string
  dryRun?: boolean
  restart?: boolean
  json?: boolean
}

const FIELD_FLAGS = [
  'type',
  'event',
  'userId',
  'anonymousId',
  'groupId',
  'timestamp',
  'messageId',
] as const

/** Events that a dry run shows. */
const SHOWN_EVENTS = 3

export function importCommand(): Command {
  const command = new Command('import')
    .summary('send the rows of files as events')
    .description(
      'Sends the rows of CSV, NDJSON or Parquet files (.gz too) as events. Run again after whatever end, it goes on where it was; run twice, it adds nothing. Rows that cannot be used are told by line, kept in <file>.refused.ndjson, and stop nobody else.',
    )
    .argument('<files...>', 'files, one after the other')
    .option('--map <file>', 'mapping from columns to events, JSON (docs/cli.md)')
    .addOption(new Option('--type <type>', 'call that each row is').choices(EVENT_TYPES))
    .option('--event <template>', 'name of the event, such as "Deal {Stage}"')
    .option('--user-id <template>', 'such as "{Contact ID}"')
    .option('--anonymous-id <template>', 'such as "lead-{Lead ID}"')
    .option('--group-id <template>', 'such as "{Company ID}"')
    .option('--timestamp <template>', 'such as "{Created}"')
    .option('--message-id <template>', 'id of the event; by default one made of its content')
    .addOption(
      new Option('--format <format>', 'where the name does not tell').choices([
        'csv',
        'ndjson',
        'parquet',
      ]),
    )
    .addOption(
      new Option('--encoding <encoding>', 'of CSV and NDJSON; auto finds it line by line')
        .choices(['auto', 'utf-8', 'windows-1252', 'utf-16le'])
        .default('auto'),
    )
    .option('--delimiter <character>', 'of CSV; found by the heading')
    .option('--patience <seconds>', 'how long to wait for a collector that takes nothing', '300')
    .option(
      '--dry-run',
      'send nothing; show what the first rows become and every row that would be refused',
    )
    .option('--restart', 'begin at the first row, though an earlier run was cut off')
    .option('--json', 'print the result as JSON, one line a file')
  return addConnection(command, 'write')
    .addHelpText(
      'after',
      `
Examples:
  tributary import contacts.csv --type identify --user-id "{Contact ID}"
  tributary import deals.csv --map deals.json --dry-run
  tributary import events-2026-*.ndjson.gz`,
    )
    .action(run)
}

async function run(paths: string[], options: ImportOptions): Promise<void> {
  const { mappings, text } = await readMapping(options)
  const files = paths.map((path) => openRowFile(path, options))
  const connection = await readConnection(options)
  const patienceMs = Number(options.patience) * 1000
  if (!(patienceMs >= 0))
    throw usageError('invalid_patience', '--patience must be a number of seconds.')
  for (const file of files) {
    if (options.dryRun) {
      await rehearse(file, mappings)
      continue
    }
    const result = await importFile({
      ...{ file, mappings, mappingText: text, connection, patienceMs },
      restart: options.restart === true,
    })
    if (result.refused > 0) process.exitCode = EXIT.partly
    await printLine(options.json ? JSON.stringify(result) : summary(result))
  }
}

/** The mapping file with what the flags say laid over it; without a file, columns also count by their own names. */
async function readMapping(
  options: ImportOptions,
): Promise<{ mappings: ReadyMapping[]; text: string }> {
  const flags: JsonObject = {}
  for (const name of FIELD_FLAGS) if (options[name] !== undefined) flags[name] = options[name]
  const file = options.map === undefined ? { rest: 'auto' } : await readMapFile(options.map)
  const laid = (Array.isArray(file) ? file : [file]).map((one) => ({
    ...(one as JsonObject),
    ...flags,
  }))
  const read = readMappings(laid)
  if (!read.ok) {
    throw usageError(read.error.code, `${options.map ?? 'The mapping'}: ${read.error.message}`)
  }
  return { mappings: read.value, text: JSON.stringify(laid) }
}

async function readMapFile(path: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Json
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw usageError('invalid_mapping', `${path} cannot be read: ${code ?? message}.`)
  }
}

/** Reads and maps all, and sends nothing. */
async function rehearse(file: RowFile, mappings: readonly ReadyMapping[]): Promise<void> {
  let [rows, events, refused] = [0, 0, 0]
  for await (const chunk of readRows(file, () => undefined)) {
    rows += chunk.length
    const wave = prepareWave(chunk, mappings, (text) => text)
    for (const { text } of wave.events.slice(0, Math.max(SHOWN_EVENTS - events, 0))) {
      const { messageId: _, ...event } = JSON.parse(text) as JsonObject
      await printLine(JSON.stringify(event, null, 2))
    }
    for (const { line, code, message } of wave.refused) {
      remark(`${file.path}:${line}: ${code}: ${message}`)
    }
    events += wave.events.length
    refused += wave.refused.length
  }
  if (refused > 0) process.exitCode = EXIT.partly
  remark(
    `${file.path}: ${rows} rows would be ${events} events, ${refused} refused. Nothing was sent.`,
  )
}

function summary({
  file,
  rows,
  stored,
  duplicates,
  refused,
  resumedAt,
  refusedFile,
}: ImportResult): string {
  const from = resumedAt > 0 ? ` (went on after row ${resumedAt})` : ''
  const kept = refusedFile ? `; see ${refusedFile}` : ''
  return `${file}: ${rows} rows${from}: ${stored} events stored, ${duplicates} known already, ${refused} refused${kept}`
}

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { stringify } from 'csv-stringify/sync'
import { callApi } from '../adapters/collector-api.ts'
import { listLake } from '../adapters/lake-listing.ts'
import { listS3, openS3Bucket, readS3 } from '../adapters/s3-lake.ts'
import { usageError } from '../cli-error.ts'
import { addConnection, type ConnectionOptions, readConnection } from '../connection.ts'
import { readDay } from '../core/days.ts'
import { clean } from '../core/event-line.ts'
import { READY_QUERIES, type ReadyQuery } from '../core/ready-queries.ts'
import { textTable } from '../core/text-table.ts'
import { copyLake, type LakeOrigin, type LakeRange } from '../lake-copy.ts'
import { paint, printLine, remark } from '../output.ts'
import { type QueryResult, queryLake } from '../query-lake.ts'

interface SqlOptions extends ConnectionOptions {
  file?: string
  set?: Record<string, string>
  lake?: string
  copy?: string
  source?: string
  from?: string
  to?: string
  memory: string
  format: 'table' | 'csv' | 'json'
  json?: boolean
  show?: boolean
}

/** A table needs all rows at once, and nobody reads more. */
const MAX_TABLE_ROWS = 1000

export function sqlCommand(): Command {
  const command = new Command('sql')
    .summary('ask the lake')
    .description(
      'Runs SQL over the lake with DuckDB. The views are events (each once), steps (with the person) and devices. The files that it needs are copied once from the collector, or from a bucket by its S3 interface, and kept.',
    )
    .argument('[query]', `SQL, or a ready query: ${Object.keys(READY_QUERIES).join(', ')}`)
    .option('--file <file>', 'file that has the SQL')
    .option('--set <name=value>', 'a setting of a ready query; may be repeated', collect)
    .option('--show', 'print the SQL of a ready query and its settings, and run nothing')
    .option('--lake <place>', 'a folder, or s3://<bucket>; by default the lake of the collector')
    .option('--copy <folder>', 'where copied files are kept (lake-copy in the data directory)')
    .option('--source <id>', 'only this source')
    .option('--from <date>', 'first day of arrival, UTC')
    .option('--to <date>', 'last day of arrival, UTC')
    .option('--memory <size>', 'how much memory DuckDB may use', '1GB')
    .addOption(
      new Option('--format <format>', 'of the result')
        .choices(['table', 'csv', 'json'])
        .default('table'),
    )
    .option('--json', 'the same as --format json: one JSON object a line')
  return addConnection(command, 'admin').addHelpText('after', helpText()).action(run)
}

function helpText(): string {
  const queries = Object.entries(READY_QUERIES).flatMap(([name, { summary, settings }]) => [
    `  ${name.padEnd(11)}${summary}`,
    ...Object.entries(settings).map(
      ([setting, { value, about }]) => `               ${setting}: ${about} (${value || 'none'})`,
    ),
  ])
  return `
Ready queries:
${queries.join('\n')}

Environment for s3://<bucket>: TRIBUTARY_S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY

Examples:
  tributary sql "SELECT type, count(*) FROM events GROUP BY type"
  tributary sql funnel --set "steps=Product Viewed,Order Completed" --from 2026-01-01
  tributary sql paths --lake s3://tributary-lake --format csv > paths.csv`
}

function collect(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw usageError('invalid_setting', '--set takes name=value.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

async function run(argument: string | undefined, options: SqlOptions): Promise<void> {
  const query = argument ?? (await readQueryFile(options.file))
  const ready = Object.hasOwn(READY_QUERIES, query) ? READY_QUERIES[query] : undefined
  const variables = readSettings(query, ready, options.set ?? {})
  if (options.show) return show(query, ready)
  const range = readRange(options)
  const folder = await findLake(options, range)
  const { memory } = options
  const format = options.json ? 'json' : options.format
  await queryLake({ folder, range, sql: ready?.sql ?? query, variables, memory }, (result) =>
    format === 'table' ? printTable(result) : printRows(result, format),
  )
}

async function readQueryFile(path: string | undefined): Promise<string> {
  if (path === undefined) {
    throw usageError('missing_query', 'Give SQL, the name of a ready query, or --file.')
  }
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError('file_unreadable', `${path} cannot be read (${error.code}).`)
  })
}

function readSettings(
  name: string,
  ready: ReadyQuery | undefined,
  given: Record<string, string>,
): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [setting, { value }] of Object.entries(ready?.settings ?? {}))
    settings[setting] = value
  for (const [setting, value] of Object.entries(given)) {
    if (ready ? !Object.hasOwn(settings, setting) : !/^[A-Za-z_]\w*$/.test(setting)) {
      const known = Object.keys(settings).join(', ')
      throw usageError('invalid_setting', `${name} has no setting "${setting}"; it has ${known}.`)
    }
    settings[setting] = value
  }
  if (ready && 'steps' in settings && !settings.steps) {
    throw usageError(
      'missing_setting',
      'Name the steps: --set "steps=Product Viewed,Order Completed".',
    )
  }
  return settings
}

async function show(name: string, ready: ReadyQuery | undefined): Promise<void> {
  if (!ready) throw usageError('unknown_query', `There is no ready query "${name}".`)
  for (const [setting, { value, about }] of Object.entries(ready.settings)) {
    await printLine(`-- ${about}\nSET VARIABLE "${setting}" = '${value}';`)
  }
  await printLine(`${ready.sql};`)
}

function readRange(options: SqlOptions): LakeRange {
  const range: LakeRange = {}
  if (options.source !== undefined) range.source = options.source
  for (const name of ['from', 'to'] as const) {
    const text = options[name]
    if (text === undefined) continue
    const day = readDay(text, `--${name}`)
    if (!day.ok) throw usageError(day.error.code, day.error.message)
    range[name] = day.value
  }
  return range
}

/** The folder to read: the one that is given, or a copy that is brought up to date. */
async function findLake(options: SqlOptions, range: LakeRange): Promise<string> {
  const { lake } = options
  if (lake !== undefined && !lake.startsWith('s3://')) {
    if (existsSync(join(lake, 'events'))) return lake
    throw usageError('invalid_lake', `${lake} has no folder "events"; is it a copy of a lake?`)
  }
  const { origin, name } = lake === undefined ? await collectorLake(options) : bucketLake(lake)
  const copies = join(process.env.TRIBUTARY_DATA || '.tributary', 'lake-copy')
  const key = createHash('sha256').update(name).digest('hex').slice(0, 16)
  const folder = options.copy ?? join(copies, key)
  const fetched = await copyLake(origin, range, folder)
  if (fetched > 0 && process.stderr.isTTY)
    remark(`${fetched} files of the lake fetched to ${folder}`)
  return folder
}

async function collectorLake(options: SqlOptions): Promise<{ origin: LakeOrigin; name: string }> {
  const connection = await readConnection(options)
  await callApi(connection, '/api/drain', { method: 'POST' })
  const origin: LakeOrigin = {
    list: (prefix) => listLake(connection, prefix),
    read: (key) => callApi(connection, `/api/lake/${key}`),
  }
  return { origin, name: connection.endpoint }
}

function bucketLake(address: string): { origin: LakeOrigin; name: string } {
  const bucket = openS3Bucket(address, process.env)
  const origin: LakeOrigin = {
    list: (prefix) => listS3(bucket, prefix),
    read: (key) => readS3(bucket, key),
  }
  return { origin, name: bucket.url }
}

async function printTable({ columns, rows }: QueryResult): Promise<void> {
  const cells: string[][] = []
  for await (const chunk of rows) {
    cells.push(...chunk.map((row) => row.map(clean)))
    if (cells.length > MAX_TABLE_ROWS) break
  }
  const [heading = '', rule = '', ...lines] = textTable(columns, cells.slice(0, MAX_TABLE_ROWS))
  await printLine(`${paint('bold', heading)}\n${paint('gray', rule)}`)
  for (const line of lines) await printLine(line)
  if (cells.length > MAX_TABLE_ROWS) {
    remark(`Only the first ${MAX_TABLE_ROWS} rows; --format csv or --json has all.`)
  }
}

async function printRows({ columns, rows }: QueryResult, format: 'csv' | 'json'): Promise<void> {
  const asCsv = (table: unknown[][]) =>
    stringify(
      table.map((row) =>
        row.map((cell) =>
          typeof cell === 'object' && cell !== null ? JSON.stringify(cell) : cell,
        ),
      ),
    ).trimEnd()
  if (format === 'csv') await printLine(asCsv([columns]))
  for await (const chunk of rows) {
    const text =
      format === 'csv'
        ? asCsv(chunk)
        : chunk
            .map((row) =>
              JSON.stringify(Object.fromEntries(row.map((cell, at) => [columns[at], cell]))),
            )
            .join('\n')
    if (text !== '') await printLine(text)
  }
}

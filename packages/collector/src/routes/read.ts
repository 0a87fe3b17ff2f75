import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'
import type { Context } from 'hono'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import type { RecordKind } from '../core/lake-key.ts'
import { type RecordFilter, readCursor, writeCursor } from '../core/record.ts'
import { parseTimestamp } from '../core/timestamps.ts'
import type { CollectorEnv } from '../env.ts'
import { type ExportRange, exportEvents } from '../export-events.ts'
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../limits.ts'
import { listRecords } from '../list-records.ts'
import { type Query, readQuery } from './query.ts'

/** Later times are written with a sign and would not compare as text. */
const LAST_DAY_MS = Date.parse('9999-12-31T23:59:59.999Z')

type ReadContext = Context<{ Bindings: CollectorEnv }>

/** Query parameters that a listing of each kind can be narrowed by. */
const FILTERS = {
  events: ['source', 'type', 'userId', 'anonymousId', 'messageId'],
  quarantine: ['source', 'code'],
} as const satisfies Record<RecordKind, (keyof RecordFilter)[]>

/** `GET /api/events` and `GET /api/quarantine`: `{ [kind]: […], cursor }`, newest first; `cursor` is null at the end. */
export async function list(
  context: ReadContext,
  config: ResolvedConfig,
  kind: RecordKind,
): Promise<Response> {
  const query = readListQuery(context, kind)
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const { filter, limit } = query.value
  const page = await listRecords(context.env, config.shards, kind, filter, limit)
  const cursor = JSON.stringify(page.next ? writeCursor(page.next) : null)
  // The records are JSON already, and written anew a number of many digits would lose some.
  const body = `{"${kind}":[${page.lines.join(',')}],"cursor":${cursor}}`
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

function readListQuery(
  context: ReadContext,
  kind: RecordKind,
): Result<{ filter: RecordFilter; limit: number }, Refusal<string>> {
  const query = readQuery(context, [...FILTERS[kind], 'cursor', 'limit'])
  if (!query.ok) return query
  const { cursor, limit: limitText, ...filter }: Query<string> = query.value
  const read: RecordFilter = filter
  if (cursor !== undefined) {
    const after = readCursor(cursor)
    if (!after) return refuse('invalid_cursor', 'The cursor is not one that this API gave.')
    read.after = after
  }
  const limit = Number(limitText ?? DEFAULT_PAGE_SIZE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    return refuse('invalid_limit', `"limit" must be a whole number from 1 to ${MAX_PAGE_SIZE}.`)
  }
  return accept({ filter: read, limit })
}

/** `GET /api/events/export`: NDJSON, oldest date first. */
export async function exportAll(context: ReadContext, config: ResolvedConfig): Promise<Response> {
  const query = readQuery(context, ['source', 'from', 'to'])
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const range: ExportRange = {}
  const { source } = query.value
  if (source !== undefined) range.source = source
  for (const name of ['from', 'to'] as const) {
    const text = query.value[name]
    if (text === undefined) continue
    const ms = parseTimestamp(text)
    if (ms === undefined || ms < 0 || ms > LAST_DAY_MS) {
      return errorAnswer(400, 'invalid_parameter', `"${name}" must be an ISO 8601 date or time.`)
    }
    range[name] = new Date(ms).toISOString()
  }
  const stream = await exportEvents(context.env, config.shards, range)
  return new Response(stream, { headers: { 'content-type': 'application/x-ndjson' } })
}

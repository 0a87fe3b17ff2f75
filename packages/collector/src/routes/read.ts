import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'
import type { Context } from 'hono'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import type { RecordKind } from '../core/lake-key.ts'
import { type RecordFilter, readCursor, writeCursor } from '../core/record.ts'
import { parseTimestamp } from '../core/timestamps.ts'
import type { CollectorEnv } from '../env.ts'
import { type ExportRange, exportEvents } from '../export-events.ts'
import { DEFAULT_PAGE_SIZE, MAX_FILTER_LENGTH, MAX_PAGE_SIZE } from '../limits.ts'
import { listRecords } from '../list-records.ts'

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
  return Response.json({
    [kind]: page.records,
    cursor: page.next ? writeCursor(page.next) : null,
  })
}

function readListQuery(
  context: ReadContext,
  kind: RecordKind,
): Result<{ filter: RecordFilter; limit: number }, Refusal<string>> {
  const known: readonly string[] = [...FILTERS[kind], 'cursor', 'limit']
  const unknown = Object.keys(context.req.query()).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const message = `There is no parameter "${unknown}"; there are ${known.join(', ')}.`
    return refuse('unknown_parameter', message)
  }
  const filter: RecordFilter = {}
  for (const name of FILTERS[kind]) {
    const value = context.req.query(name)
    if (value === undefined) continue
    if (value.length > MAX_FILTER_LENGTH) {
      return refuse(
        'invalid_parameter',
        `"${name}" may have at most ${MAX_FILTER_LENGTH} characters.`,
      )
    }
    filter[name] = value
  }
  const cursor = context.req.query('cursor')
  if (cursor !== undefined) {
    const after = readCursor(cursor)
    if (!after) return refuse('invalid_cursor', 'The cursor is not one that this API gave.')
    filter.after = after
  }
  const limit = Number(context.req.query('limit') ?? DEFAULT_PAGE_SIZE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    return refuse('invalid_limit', `"limit" must be a whole number from 1 to ${MAX_PAGE_SIZE}.`)
  }
  return accept({ filter, limit })
}

/** `GET /api/events/export`: NDJSON, oldest date first. */
export async function exportAll(context: ReadContext, config: ResolvedConfig): Promise<Response> {
  const range: ExportRange = {}
  const source = context.req.query('source')
  if (source !== undefined) range.source = source
  for (const name of ['from', 'to'] as const) {
    const text = context.req.query(name)
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

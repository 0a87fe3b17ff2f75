import {
  accept,
  isJsonObject,
  type JsonObject,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import { readBody } from '../adapters/body.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import {
  beginningOf,
  newestFirst,
  type Position,
  type RecordFilter,
  readCursor,
  writeCursor,
} from '../core/record.ts'
import { parseTimestamp } from '../core/timestamps.ts'
import type { CollectorEnv } from '../env.ts'
import {
  BODY_TIMEOUT_MS,
  MAX_API_BODY_BYTES,
  MAX_FILTER_LENGTH,
  MAX_PAGE_SIZE,
  MAX_REPLAY_IDS,
} from '../limits.ts'
import { type ReplayOrder, replayQuarantine } from '../replay-quarantine.ts'

/** What a field of the body must be; the words are those of the answer to one that is not. */
const FIELDS: Record<string, { wanted: string; isRight: (value: unknown) => boolean }> = {
  source: { wanted: 'a text', isRight: isText },
  code: { wanted: 'a text', isRight: isText },
  ids: {
    wanted: `a list of at most ${MAX_REPLAY_IDS} texts`,
    isRight: (value) =>
      Array.isArray(value) && value.length <= MAX_REPLAY_IDS && value.every(isText),
  },
  from: { wanted: 'an ISO 8601 date or time', isRight: (value) => timeOf(value) !== undefined },
  to: { wanted: 'an ISO 8601 date or time', isRight: (value) => timeOf(value) !== undefined },
  limit: {
    wanted: `a whole number from 1 to ${MAX_PAGE_SIZE}`,
    isRight: (value) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_PAGE_SIZE,
  },
  cursor: {
    wanted: 'one that this API gave',
    isRight: (value) => isText(value) && !!readCursor(value as string),
  },
  preview: { wanted: 'true or false', isRight: (value) => typeof value === 'boolean' },
  newMessageIds: { wanted: 'true or false', isRight: (value) => typeof value === 'boolean' },
}

/** `POST /api/quarantine/replay`: judges quarantined records again and stores what passes today. */
export async function replay(
  context: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<Response> {
  const order = await readOrder(context.req.raw)
  if (!order.ok) return errorAnswer(400, order.error.code, order.error.message)
  const { next, ...result } = await replayQuarantine(context.env, config, order.value, Date.now())
  return Response.json({ ...result, cursor: next ? writeCursor(next) : null })
}

async function readOrder(request: Request): Promise<Result<ReplayOrder, Refusal<string>>> {
  const body = await readBody(request, {
    maxBytes: MAX_API_BODY_BYTES,
    headBytes: 0,
    timeoutMs: BODY_TIMEOUT_MS,
  })
  if (!body.ok) return body
  const order = readObject(new TextDecoder().decode(body.bytes))
  if (!order) return refuse('invalid_json', 'The body must be a JSON object, such as {}.')
  for (const [name, value] of Object.entries(order)) {
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined
    if (!field) {
      const message = `There is no field "${name}"; there are ${Object.keys(FIELDS).join(', ')}.`
      return refuse('unknown_parameter', message)
    }
    if (!field.isRight(value))
      return refuse(
        `invalid_${name === 'cursor' || name === 'limit' ? name : 'parameter'}`,
        `"${name}" must be ${field.wanted}.`,
      )
  }
  return accept({
    filter: filterOf(order),
    limit: (order.limit as number | undefined) ?? MAX_PAGE_SIZE,
    preview: order.preview === true,
    newMessageIds: order.newMessageIds === true,
  })
}

/** `order` has passed the checks. */
function filterOf(order: JsonObject): RecordFilter {
  const filter: RecordFilter = {}
  for (const name of ['source', 'code'] as const) {
    if (order[name] !== undefined) filter[name] = order[name] as string
  }
  if (order.ids !== undefined) filter.ids = order.ids as string[]
  if (order.from !== undefined) filter.since = beginningOf(timeOf(order.from) as string)
  const ends: Position[] = []
  if (order.to !== undefined) ends.push(beginningOf(timeOf(order.to) as string))
  if (order.cursor !== undefined) ends.push(readCursor(order.cursor as string) as Position)
  const [after] = ends.sort((a, b) => newestFirst(b, a))
  if (after) filter.after = after
  return filter
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_FILTER_LENGTH
}

/** A time as the positions of records have it. */
function timeOf(value: unknown): string | undefined {
  const ms = typeof value === 'string' ? parseTimestamp(value) : undefined
  return ms === undefined || ms < 0 || ms > LAST_DAY_MS ? undefined : new Date(ms).toISOString()
}

/** Later times are written with a sign and would not compare as text. */
const LAST_DAY_MS = Date.parse('9999-12-31T23:59:59.999Z')

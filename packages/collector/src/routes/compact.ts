import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'
import type { Context } from 'hono'
import { errorAnswer } from '../answers.ts'
import { type CompactionOrder, compactLake } from '../compact-lake.ts'
import type { ResolvedConfig } from '../config.ts'
import type { CollectorEnv } from '../env.ts'
import { COMPACTION_GRACE_MS } from '../limits.ts'
import { readQuery } from './query.ts'

/** A week; whoever wants to keep both forms for longer should not compact. */
const MAX_GRACE_SECONDS = 7 * 24 * 60 * 60

/** `POST /api/compact`: compacts until it is done or its time is up, and answers what it did and whether more is left. */
export async function compact(
  context: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<Response> {
  const order = readOrder(context)
  if (!order.ok) return errorAnswer(400, order.error.code, order.error.message)
  const result = await compactLake(context.env, config.shards, order.value, Date.now)
  return Response.json({ success: true, ...result })
}

function readOrder(context: Context): Result<CompactionOrder, Refusal<string>> {
  const query = readQuery(context, ['source', 'date', 'graceSeconds'])
  if (!query.ok) return query
  const { source, date, graceSeconds } = query.value
  if (source !== undefined && !/^[a-z0-9][a-z0-9_-]{0,63}$/.test(source)) {
    return refuse('invalid_parameter', '"source" must be the id of a source.')
  }
  if (date !== undefined && !isDate(date)) {
    return refuse('invalid_parameter', '"date" must be a date such as 2026-01-31.')
  }
  const seconds = graceSeconds === undefined ? COMPACTION_GRACE_MS / 1000 : Number(graceSeconds)
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_GRACE_SECONDS) {
    const message = `"graceSeconds" must be a whole number from 0 to ${MAX_GRACE_SECONDS}.`
    return refuse('invalid_parameter', message)
  }
  return accept({ source, date, graceMs: seconds * 1000 })
}

function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}

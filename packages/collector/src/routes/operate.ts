import type { Context } from 'hono'
import { allJournals } from '../adapters/journal-stubs.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import type { CollectorEnv } from '../env.ts'
import { drainJournals } from '../export-events.ts'
import { addTally, emptyTally, totalsOf } from '../stores/tally.ts'

type OperateContext = Context<{ Bindings: CollectorEnv }>

/** `POST /api/drain`: answers when the lake has everything that was acknowledged before the call. */
export async function drain(context: OperateContext, config: ResolvedConfig): Promise<Response> {
  await drainJournals(context.env, config.shards)
  return Response.json({ success: true })
}

/** `GET /api/stats`: totals by source, backlog by shard, billable operations. */
export async function stats(context: OperateContext, config: ResolvedConfig): Promise<Response> {
  const journals = await Promise.all(
    allJournals(context.env, config.shards).map((journal) => journal.stats()),
  )
  const tally = emptyTally()
  for (const { id } of config.sources) totalsOf(tally, id)
  for (const journal of journals) addTally(tally, journal.tally)
  const now = Date.now()
  return Response.json({
    sources: tally.sources,
    shards: journals.map(({ name, backlog }, shard) => ({
      shard,
      journal: name ?? null,
      backlogRows: backlog.rows,
      backlogBytes: backlog.bytes,
      oldestAgeMs: backlog.oldestReceivedAt === undefined ? null : now - backlog.oldestReceivedAt,
    })),
    operations: tally.operations,
  })
}

/** `GET /tributary.js`: the browser bundle. On Cloudflare, static assets answer before the Worker is asked. */
export async function browserBundle(context: OperateContext): Promise<Response> {
  const asset = await context.env.ASSETS?.fetch(context.req.raw)
  if (!asset?.ok) return errorAnswer(404, 'not_found', 'This collector serves no browser bundle.')
  return new Response(asset.body, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'cross-origin-resource-policy': 'cross-origin',
    },
  })
}

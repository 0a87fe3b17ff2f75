import type { Context } from 'hono'
import { allJournals } from '../adapters/journal-stubs.ts'
import { pumpProfiles } from '../adapters/profiles.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import { toPrometheusText } from '../core/prometheus.ts'
import type { CollectorEnv } from '../env.ts'
import { PRIVACY_WAIT_MS } from '../limits.ts'
import { toMetrics } from '../metrics.ts'
import { runPrivacy } from '../run-privacy.ts'
import { accountDeliveries, sumStats } from '../sum-stats.ts'

type OperateContext = Context<{ Bindings: CollectorEnv }>

/** `POST /api/drain`: answers when lake and profiles have everything that was acknowledged before the call. */
export async function drain(context: OperateContext, config: ResolvedConfig): Promise<Response> {
  await Promise.all(allJournals(context.env, config.shards).map((journal) => journal.profileAll()))
  await pumpProfiles(context.env, config.profileShards)
  // What has just arrived may be a person's who is erased.
  const deadline = Date.now() + PRIVACY_WAIT_MS
  while (!(await runPrivacy(context.env, config, Date.now)) && Date.now() < deadline) {
    await scheduler.wait(100)
  }
  return Response.json({ success: true })
}

/** `GET /api/stats`: totals and deliveries by source, backlog by shard, billable operations. */
export async function stats(context: OperateContext, config: ResolvedConfig): Promise<Response> {
  await accountDeliveries(context.env, config)
  return Response.json(await sumStats(context.env, config, Date.now()))
}

/** `GET /metrics`: the same for Prometheus, deliveries as of the last drain: who asks every few seconds should not pay for more. */
export async function metrics(context: OperateContext, config: ResolvedConfig): Promise<Response> {
  const families = toMetrics(await sumStats(context.env, config, Date.now()))
  return new Response(toPrometheusText(families), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
  })
}

/** `GET /tributary.js` and `/tributary.<name>.js`: the browser SDK and its optional parts. On Cloudflare, static assets answer before the Worker is asked. */
export async function browserScript(context: OperateContext): Promise<Response> {
  const asset = await context.env.ASSETS?.fetch(context.req.raw)
  if (!asset?.ok) return errorAnswer(404, 'not_found', 'This collector serves no such script.')
  return new Response(asset.body, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'cross-origin-resource-policy': 'cross-origin',
    },
  })
}

import type { ResolvedConfig } from '../config.ts'
import type { SourceConfig } from '../core/source-config.ts'

/** Characters of a secret key that are shown, so that one can tell it from another. */
const SHOWN = 4

/** `GET /api/sources`: what is configured, `{ sources: […] }`. Keys that are public are whole, those of servers only begun. */
export function listSources({ sources }: ResolvedConfig): Response {
  return Response.json({ sources: sources.map(describeSource) })
}

function describeSource(source: SourceConfig) {
  const { id, writeKeys = [], serverKeys = [], origins, plan, cookie, rateLimit } = source
  return {
    id,
    enabled: source.enabled !== false,
    writeKeys,
    serverKeys: serverKeys.map((key) => `${key.slice(0, SHOWN)}…`),
    origins: origins ?? ['*'],
    trustAlias: source.trustAlias === true,
    ip: source.ip ?? 'keep',
    bots: source.bots ?? 'flag',
    cookie: cookie ? (cookie.name ?? 'tributary_id') : null,
    rateLimit: rateLimit ?? null,
    plan: plan
      ? {
          events: Object.keys(plan.events),
          onViolation: plan.onViolation ?? 'flag',
          onUnplanned: plan.onUnplanned ?? 'allow',
        }
      : null,
  }
}

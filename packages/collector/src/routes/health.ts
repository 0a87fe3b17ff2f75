import { within } from '../adapters/deadline.ts'
import { allJournals } from '../adapters/journal-stubs.ts'
import type { ResolvedConfig } from '../config.ts'
import type { CollectorEnv } from '../env.ts'

/** What a collector leans on, and whether it answers. */
interface Readiness {
  journal: boolean
  lake: boolean
}

/** How long an answer serves everyone who asks, so that asking often cannot be used to wear out journal and lake. */
const CACHE_MS = 5000

/** A check that takes longer has failed. */
const CHECK_TIMEOUT_MS = 3000

/** `GET /healthz` and `GET /healthz/ready`, with one memory of the last check for all requests of this isolate. */
export function createHealth(config: ResolvedConfig): {
  /** Always 200, since it is alive: `{ status, ready }`. */
  alive: (env: CollectorEnv) => Promise<Response>
  /** 200, or 503 with the checks that failed. */
  ready: (env: CollectorEnv) => Promise<Response>
} {
  let last: { readiness: Readiness; atMs: number } | undefined

  /** While one request checks, others are given the last result: an isolate cannot wait for another request's I/O. */
  async function readiness(env: CollectorEnv): Promise<Readiness> {
    const now = Date.now()
    if (last && now - last.atMs < CACHE_MS) return last.readiness
    if (last) last.atMs = now
    const current = await check(env, config)
    last = { readiness: current, atMs: now }
    return current
  }

  return {
    async alive(env) {
      return Response.json({ status: 'ok', ready: isReady(await readiness(env)) })
    },
    async ready(env) {
      const checks = await readiness(env)
      const isUp = isReady(checks)
      const body = { status: isUp ? 'ok' : 'unavailable', ready: isUp, checks }
      return Response.json(body, { status: isUp ? 200 : 503 })
    },
  }
}

function isReady({ journal, lake }: Readiness): boolean {
  return journal && lake
}

async function check(env: CollectorEnv, { shards }: ResolvedConfig): Promise<Readiness> {
  const [first] = allJournals(env, shards)
  const [journal, lake] = await Promise.all([
    answers(async () => first?.stats()),
    answers(() => env.LAKE.head('healthz')),
  ])
  return { journal, lake }
}

async function answers(call: () => Promise<unknown>): Promise<boolean> {
  try {
    return await within(
      call().then(() => true),
      CHECK_TIMEOUT_MS,
      false,
    )
  } catch {
    return false
  }
}

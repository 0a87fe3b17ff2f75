import type { RateLimit } from '../core/source-config.ts'

/** Whether a request is within its bound; `unbound` where the environment has no such binding. */
export type RateLimitOutcome = 'within' | 'exceeded' | 'unbound'

/** Counts a request under `key` with the platform's rate limiting: by data centre and approximate, so that it costs no round trip. */
export async function countRequest(
  env: object,
  { binding }: RateLimit,
  key: string,
): Promise<RateLimitOutcome> {
  const limiter = (env as Record<string, Partial<RateLimiterBinding> | undefined>)[binding]
  if (typeof limiter?.limit !== 'function') return 'unbound'
  const { success } = await limiter.limit({ key })
  return success ? 'within' : 'exceeded'
}

/** The platform's binding (Cloudflare, "Rate Limiting"). */
interface RateLimiterBinding {
  limit: (options: { key: string }) => Promise<{ success: boolean }>
}

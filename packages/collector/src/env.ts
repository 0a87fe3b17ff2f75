import type { Journal } from './stores/journal.ts'

/** The bindings that a collector needs, as named in `wrangler.jsonc`. */
export interface CollectorEnv {
  JOURNAL: DurableObjectNamespace<Journal>
  LAKE: R2Bucket
  /** Static files: `tributary.js` and its optional parts. On Cloudflare these are answered before the Worker is asked. */
  ASSETS?: Fetcher
  /** Secret for `/api/*`; without it those calls answer 503. */
  TRIBUTARY_ADMIN_TOKEN?: string
  /** Secret for sources with `ip: 'hash'`; without it their addresses are removed. */
  TRIBUTARY_IP_SECRET?: string
}

import type { Journal } from './stores/journal.ts'
import type { Profiles } from './stores/profiles.ts'

/** The bindings that a collector needs, as named in `wrangler.jsonc`. */
export interface CollectorEnv {
  JOURNAL: DurableObjectNamespace<Journal>
  /** Without it there are no profiles; everything else goes on, and they can be built from the lake later. */
  PROFILES?: DurableObjectNamespace<Profiles>
  LAKE: R2Bucket
  /** Static files: `tributary.js` and its optional parts. On Cloudflare these are answered before the Worker is asked. */
  ASSETS?: Fetcher
  /** Secret for `/api/*`; without it those calls answer 503. */
  TRIBUTARY_ADMIN_TOKEN?: string
  /** Secret for sources with `ip: 'hash'`; without it their addresses are removed. */
  TRIBUTARY_IP_SECRET?: string
  /** Secret that receipts are signed with; without it they are not. */
  TRIBUTARY_RECEIPT_SECRET?: string
}

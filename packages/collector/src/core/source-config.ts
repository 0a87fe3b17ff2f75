import type { TrackingPlan } from './plan.ts'

/** A stream of events with its own keys: one website, app or service. */
export interface SourceConfig {
  /** Names the source in the lake and in the API: lower-case letters, digits, `-` and `_`, at most 64. */
  id: string
  /** Keys that pages and apps carry, and so are public. At least one of these or of `serverKeys`; a key belongs to one source. */
  writeKeys?: string[]
  /**
   * Keys for servers alone, to be read from the Worker's secrets. They may `alias`; from a page (a request with an
   * `Origin`) they are refused, since they have leaked then.
   */
  serverKeys?: string[]
  /** Origins whose pages may send, for example `https://example.com`. Default: every origin. Requests without an `Origin` header are not held to it. */
  origins?: string[]
  /** `false` refuses everything that is sent, as `source_disabled`. Default `true`. */
  enabled?: boolean
  /** Whether public keys may `alias` too: whoever has one can then join two people. Default `false`. */
  trustAlias?: boolean
  /** A bound on requests, for each key on its own. Default: none. */
  rateLimit?: RateLimit
  /** What is kept of addresses, before anything is written. Default `keep`. */
  ip?: IpPolicy
  /** What becomes of events that look like a bot's. Default `flag`. */
  bots?: BotPolicy
  /** Query parameters whose values are taken out of every URL, beside the collector's own list. */
  secretParameters?: string[]
  /** What the source's events must look like. Default: anything goes. */
  plan?: TrackingPlan
  /** Name of the event that a body sent to `/v1/webhook` becomes. Default `Webhook Received`. */
  webhookEvent?: string
  /** Days after which what the source sent is deleted, by the date of its arrival; at least 1. Default: never. */
  retentionDays?: number
  /** Keeps the anonymous id in cookies that the collector sets. Default: none are set or read. */
  cookie?: CookieOptions
}

/** The platform's rate limiting, as bound in `wrangler.jsonc` under `ratelimits`. */
export interface RateLimit {
  /** Name of the binding. */
  binding: string
  /** The binding's period; a refused client is told to come back after it. */
  periodSeconds: 10 | 60
}

/**
 * - `keep`: as it is.
 * - `truncate`: the first three of four bytes (IPv4), the first 48 bits (IPv6).
 * - `remove`: none.
 * - `hash`: keyed with the secret `TRIBUTARY_IP_SECRET` and the day (UTC), so that it tells visitors of one day apart.
 */
export const IP_POLICIES = ['keep', 'truncate', 'remove', 'hash'] as const
export type IpPolicy = (typeof IP_POLICIES)[number]

/** `keep`: not looked for. `flag`: stored with `context.bot`. `quarantine`: refused as `bot`. */
export const BOT_POLICIES = ['keep', 'flag', 'quarantine'] as const
type BotPolicy = (typeof BOT_POLICIES)[number]

/** Cookies of the first-party id; the collector must be on the site's own domain for them to be first-party. */
export interface CookieOptions {
  /** Name of the HttpOnly cookie; the readable twin's has `_js` after it. Default `tributary_id`. */
  name?: string
  /** `Domain` of both, for example `example.com`. Default: the collector's host alone. */
  domain?: string
}

import type { EventHook } from './plugin.ts'

/** What {@link TributaryBrowser.load} takes. In a script tag, each is a `data-` attribute: `flushAt` is `data-flush-at`. */
export interface LoadOptions {
  /** The source's key, as the collector's configuration names it. */
  writeKey: string
  /** Origin of the collector, with a path if it has one. Default: the page's own origin; in a script tag, the script's. */
  endpoint?: string | undefined
  /** Segment's word for `endpoint`. */
  host?: string | undefined
  /** Path of the batch call. Default `/v1/batch`; another one may pass where a content blocker stops that. */
  path?: string | undefined
  /** Events that start a request at once. Default 20, at least 1. */
  flushAt?: number | undefined
  /** Longest wait before a request starts, milliseconds. Default 2000. */
  flushIntervalMs?: number | undefined
  /** An event older than this is dropped when another attempt fails, milliseconds. Default 7 days. */
  maxEventAgeMs?: number | undefined
  /** Most that the queue holds, in UTF-16 code units; beyond it the oldest events are dropped. Default 4 MiB. */
  maxQueueBytes?: number | undefined
  /** Domain of the cookie with the anonymous id. Default: the widest that the browser allows. `none`: no cookie. */
  cookieDomain?: string | undefined
  /** Name of that cookie. Default `tributary_id_js`, the collector's own. */
  cookieName?: string | undefined
  /** Asks the collector for a cookie that scripts cannot wipe; its source needs `cookie`. Default false. */
  firstParty?: boolean | undefined
  /** Compresses requests above 8 KiB, where the browser can. Default false. */
  gzip?: boolean | undefined
  /** Sees each event last, before anything is kept; returns it, another, or `null` to drop it. Not in a script tag. */
  beforeSend?: EventHook | undefined
}

/** {@link LoadOptions} with every default filled in. */
export interface ResolvedOptions {
  writeKey: string
  /** Address of the batch call. */
  url: string
  flushAt: number
  flushIntervalMs: number
}

/** Fills in the defaults. Throws when there is no write key: without one nothing could ever be delivered. */
export function resolveOptions(options: LoadOptions): ResolvedOptions {
  const { writeKey, endpoint, host, flushAt = 20, flushIntervalMs = 2000 } = options
  if (!writeKey) throw new TypeError('Tributary: "writeKey" is missing.')
  const origin = (endpoint ?? host ?? '').replace(/\/+$/, '')
  return { writeKey, url: `${origin}/v1/batch`, flushAt: Math.max(1, flushAt), flushIntervalMs }
}

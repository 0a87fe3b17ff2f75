import type { EventHook } from './plugin.ts'

/** What {@link TributaryBrowser.load} takes. In a script tag, each is a `data-` attribute: `flushAt` is `data-flush-at`. */
export interface LoadOptions {
  /** The source's key, as the collector's configuration names it. */
  writeKey: string
  /** Origin of the collector, with a path if it has one. Default: the page's own origin; in a script tag, the script's. */
  endpoint?: string | undefined
  /** Segment's word for `endpoint`; not in a script tag. */
  host?: string | undefined
  /** Path of the batch call. Default `/v1/batch`; another one may pass where a content blocker stops that. */
  path?: string | undefined
  /** Events that start a request at once. Default 20. */
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
  /** Compresses requests that need not outlive the page (above 30 KiB), where the browser can. Default false. */
  gzip?: boolean | undefined
  /** Sees each event last, before anything is kept; returns it, another, or `null` to drop it. Not in a script tag. */
  beforeSend?: EventHook | undefined
}

/** What the core makes of {@link LoadOptions}. */
export interface ResolvedOptions {
  writeKey: string
  /** Address of the batch call. */
  url: string
  /** `flushAt`. */
  batchSize: number
  /** `flushIntervalMs`. */
  intervalMs: number
  /** The name of something that is stored for this write key. */
  name(kind: string): string
}

/** Fills in the defaults. */
export function resolveOptions(options: LoadOptions): ResolvedOptions {
  const { writeKey, endpoint = '', path = '/v1/batch' } = options
  return {
    writeKey,
    url: endpoint.replace(/\/+$/, '') + path,
    batchSize: numberOr(20, options.flushAt),
    intervalMs: numberOr(2000, options.flushIntervalMs),
    name: (kind) => `tributary:${kind}:${writeKey}`,
  }
}

/** A number, which may be a string as attributes are, or the default. */
export function numberOr(fallback: number, value: unknown): number {
  return (value as number) >= 0 ? Number(value) : fallback
}

/** Whether an option is on; an attribute without a value is. */
export function isOn(value: unknown): boolean {
  return value === '' || value === true || value === 'true'
}

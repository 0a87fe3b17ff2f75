/** What {@link TributaryBrowser.load} takes. */
export interface LoadOptions {
  /** The source's key, as the collector's configuration names it. */
  writeKey: string
  /** Origin of the collector, with a path if it has one. Default: the page's own origin. */
  endpoint?: string | undefined
  /** Segment's word for `endpoint`. */
  host?: string | undefined
  /** Events that start a request at once, and most events in one request. Default 20, at least 1. */
  flushAt?: number | undefined
  /** Longest wait before a request starts, milliseconds. Default 2000. */
  flushIntervalMs?: number | undefined
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

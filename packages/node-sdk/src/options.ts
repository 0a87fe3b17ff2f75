import { MAX_BATCH_EVENTS } from '@tributary/protocol'
import type { Fetch } from './platform.ts'

/** Options of {@link Tributary}. One of `endpoint` and `host` must be there. */
export interface TributaryOptions {
  /** The source's write key. */
  writeKey: string
  /** Base URL of the collector, `http` or `https`, for example `https://events.example.com`. */
  endpoint?: string
  /** Segment's name for `endpoint`, which wins where both are given. */
  host?: string
  /** Events that make a batch, 1 to {@link MAX_BATCH_EVENTS}; default 50. */
  flushAt?: number
  /** Longest time an event waits for its batch to fill; default 5,000. */
  flushIntervalMs?: number
  /** Bytes of serialised events kept in memory; default 64 MiB. A new event beyond it is dropped as `queue_full`. */
  maxQueueBytes?: number
  /** Age at which an event that could not be sent is dropped as `expired`; default 24 h, more than `flushIntervalMs`. */
  maxEventAgeMs?: number
  /** Longest time for one request; default 10,000. */
  requestTimeoutMs?: number
  /** Compress batches of 1 KiB and more; default true. */
  gzip?: boolean
  /** Sends the requests; default: the global `fetch`. */
  fetch?: Fetch
}

/** {@link TributaryOptions}, checked and with the defaults filled in. */
export interface Settings {
  writeKey: string
  /** Where batches are posted. */
  url: string
  flushAt: number
  flushIntervalMs: number
  maxQueueBytes: number
  maxEventAgeMs: number
  requestTimeoutMs: number
  gzip: boolean
  fetch: Fetch | undefined
}

/** @throws {Error} For an option that cannot work; the message names it. */
export function readOptions(options: TributaryOptions): Settings {
  const writeKey: unknown = (options as TributaryOptions | undefined)?.writeKey
  if (typeof writeKey !== 'string' || writeKey.trim() === '') {
    throw new Error('Tributary needs "writeKey", a string that is not empty.')
  }
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    throw new Error('The Tributary option "fetch" must be a function.')
  }
  const flushAt = readNumber('flushAt', options.flushAt, 50, MAX_BATCH_EVENTS)
  if (!Number.isInteger(flushAt)) throw new Error('The Tributary option "flushAt" must be whole.')
  const flushIntervalMs = readNumber('flushIntervalMs', options.flushIntervalMs, 5000)
  const maxEventAgeMs = readNumber('maxEventAgeMs', options.maxEventAgeMs, 24 * 60 * 60 * 1000)
  // Otherwise an event could expire before its first attempt.
  if (maxEventAgeMs <= flushIntervalMs) {
    throw new Error('The Tributary option "maxEventAgeMs" must be more than "flushIntervalMs".')
  }
  return {
    writeKey,
    url: readUrl(options),
    flushAt,
    flushIntervalMs,
    maxQueueBytes: readNumber('maxQueueBytes', options.maxQueueBytes, 64 * 1024 * 1024),
    maxEventAgeMs,
    requestTimeoutMs: readNumber('requestTimeoutMs', options.requestTimeoutMs, 10_000),
    gzip: options.gzip ?? true,
    fetch: options.fetch,
  }
}

function readUrl(options: TributaryOptions): string {
  const name = options.endpoint === undefined && options.host !== undefined ? 'host' : 'endpoint'
  const given = options[name]
  if (given === undefined) throw new Error('Tributary needs "endpoint", the URL of the collector.')
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error(`The Tributary option "${name}" must be an http(s) URL, not "${given}".`)
  }
  // `fetch` refuses such URLs, at every request; and the message must not repeat the password.
  if (url.username || url.password) {
    throw new Error(`The Tributary option "${name}" must not contain a user name or password.`)
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/batch`
  url.hash = ''
  return url.href
}

function readNumber(name: string, given: unknown, preset: number, max = Infinity): number {
  if (given === undefined) return preset
  if (typeof given === 'number' && given >= 1 && given <= max) return given
  const bounds = max === Infinity ? 'a number of at least 1' : `a number from 1 to ${max}`
  throw new Error(`The Tributary option "${name}" must be ${bounds}.`)
}

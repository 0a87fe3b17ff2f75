import { MAX_BATCH_EVENTS, RETRY_BASE_MS, RETRY_MAX_MS } from '@tributary/protocol'
import { type HttpClient, postByClient, postByFetch } from './adapters/fetch-post.ts'
import type { Fetch, Post } from './platform.ts'
import type { EventHook, Plugin } from './plugin.ts'

/** Where and how events are kept on disk until they have their outcome. */
export interface QueueOptions {
  /** Folder of the log; made where it is missing. Several processes may share it. */
  directory: string
  /**
   * When what is written is on the platter, safe from a power cut: `always` before `track` returns, `interval` (default)
   * within 100 ms, `os` when the system thinks best. With each of them a killed process loses nothing.
   */
  fsync?: 'always' | 'interval' | 'os'
  /** Most bytes on disk; default 1 GiB. Beyond it events are in memory only. */
  maxBytes?: number
}

/** Options of {@link Tributary}. One of `endpoint` and `host` must be there. */
export interface TributaryOptions {
  /** The source's write key. */
  writeKey: string
  /** Base URL of the collector, `http` or `https`, for example `https://events.example.com`. */
  endpoint?: string
  /** Segment's name for `endpoint`, which wins where both are given. */
  host?: string
  /** Path of the batch call under `endpoint`; default `/v1/batch`. */
  path?: string
  /** Events that start a request at once, 1 to {@link MAX_BATCH_EVENTS}; default 50. Behind a backlog a request has as many as fit. */
  flushAt?: number
  /** Segment's older name for `flushAt`. */
  maxEventsInBatch?: number
  /** Longest time an event waits for others to be sent with it, milliseconds; default 5,000. */
  flushIntervalMs?: number
  /** Segment's name for `flushIntervalMs`. */
  flushInterval?: number
  /** Requests under way at a time, 1 to 64; default 4. Events of one user are never in two of them. */
  maxInFlight?: number
  /** Bytes of serialised events kept in memory; default 64 MiB. A new event beyond it goes to the disk only, or is dropped as `queue_full`. */
  maxQueueBytes?: number
  /** Keeps events on disk too, so that they survive the process. */
  queue?: QueueOptions
  /** Age at which an event that could not be sent is dropped as `expired`; default 24 h, with a disk queue 7 days; more than `flushIntervalMs`. */
  maxEventAgeMs?: number
  /** Segment's bound of retries. Ours is an age, and this many retries with the longest pauses become one: 10 are 14 minutes. */
  maxRetries?: number
  /** Longest time for one request, milliseconds; default 10,000. */
  requestTimeoutMs?: number
  /** Segment's name for `requestTimeoutMs`. */
  httpRequestTimeout?: number
  /** Compress requests of 1 KiB and more; default false. It takes a tenth of the bytes and a third more CPU. */
  gzip?: boolean
  /** Sends the requests; default: `node:http`, and the global `fetch` where there is no Node. */
  fetch?: Fetch
  /** Segment's name for `fetch`, which wins where both are given; or an object with `makeRequest`. */
  httpClient?: Fetch | HttpClient
  /** Takes no events: calls are checked, then dropped as `disabled`. Default false. */
  disable?: boolean
  /** Sees each event last before it is kept; returns it, another, or `null` to drop it. */
  beforeSend?: EventHook
  /** Registered before the first call. */
  plugins?: Plugin[]
  /** Drains the queue on SIGTERM, SIGINT and when the process has nothing left to do, before it ends; default false. */
  drainOnExit?: boolean
  /** Longest time for that, milliseconds; default 5,000. */
  drainTimeoutMs?: number
  /** Sends each task's events at its end, without waiting for others; default: true where `waitUntil` is given. */
  immediate?: boolean
  /** Gets the promise of each flush, for platforms that stop a function with its answer: `(promise) => context.waitUntil(promise)`. */
  waitUntil?: (promise: Promise<unknown>) => void
}

/** {@link TributaryOptions}, checked and with the defaults filled in. */
export interface Settings {
  writeKey: string
  /** Where batches are posted. */
  url: string
  flushAt: number
  flushIntervalMs: number
  maxInFlight: number
  maxBatchEvents: number
  maxQueueBytes: number
  queue: QueueOptions | undefined
  maxEventAgeMs: number
  requestTimeoutMs: number
  gzip: boolean
  /** The host's own way to send; undefined: the platform's. */
  post: Post | undefined
  disable: boolean
  drainOnExit: boolean
  drainTimeoutMs: number
  immediate: boolean
}

const DAY_MS = 24 * 60 * 60 * 1000

/** @throws {Error} For an option that cannot work; the message names it. */
export function readOptions(options: TributaryOptions): Settings {
  const writeKey: unknown = (options as TributaryOptions | undefined)?.writeKey
  if (typeof writeKey !== 'string' || writeKey.trim() === '') {
    throw new Error('Tributary needs "writeKey", a string that is not empty.')
  }
  const given = withSegmentNames(options)
  const flushIntervalMs = readNumber('flushIntervalMs', given.flushIntervalMs, 5000)
  const maxEventAgeMs = readAge(given, flushIntervalMs)
  return {
    writeKey,
    url: readUrl(given),
    flushAt: readWhole('flushAt', given.flushAt, 50, MAX_BATCH_EVENTS),
    flushIntervalMs,
    maxInFlight: readWhole('maxInFlight', given.maxInFlight, 4, 64),
    maxBatchEvents: MAX_BATCH_EVENTS,
    maxQueueBytes: readNumber('maxQueueBytes', given.maxQueueBytes, 64 * 1024 * 1024),
    queue: readQueue(given.queue),
    maxEventAgeMs,
    requestTimeoutMs: readNumber('requestTimeoutMs', given.requestTimeoutMs, 10_000),
    gzip: given.gzip ?? false,
    post: readPost(given),
    disable: given.disable ?? false,
    drainOnExit: given.drainOnExit ?? false,
    drainTimeoutMs: readNumber('drainTimeoutMs', given.drainTimeoutMs, 5000),
    immediate: given.immediate ?? given.waitUntil !== undefined,
  }
}

/** Segment's names in ours; ours win. */
function withSegmentNames(options: TributaryOptions): TributaryOptions {
  const { maxEventsInBatch, flushInterval, httpRequestTimeout } = options
  return {
    ...(maxEventsInBatch !== undefined && { flushAt: maxEventsInBatch }),
    ...(flushInterval !== undefined && { flushIntervalMs: flushInterval }),
    ...(httpRequestTimeout !== undefined && { requestTimeoutMs: httpRequestTimeout }),
    ...options,
  }
}

function readAge(options: TributaryOptions, flushIntervalMs: number): number {
  let preset = options.queue ? 7 * DAY_MS : DAY_MS
  if (options.maxRetries !== undefined) {
    preset = flushIntervalMs + ageOfRetries(readNumber('maxRetries', options.maxRetries, 0, 1e6, 0))
  }
  const age = readNumber('maxEventAgeMs', options.maxEventAgeMs, preset)
  // Otherwise an event could expire before its first attempt.
  if (age <= flushIntervalMs) {
    throw new Error('The Tributary option "maxEventAgeMs" must be more than "flushIntervalMs".')
  }
  return age
}

/** The longest time that so many retries can take. */
function ageOfRetries(retries: number): number {
  let age = RETRY_BASE_MS
  for (let retry = 0; retry < retries && age < 7 * DAY_MS; retry++) {
    age += Math.min(RETRY_BASE_MS * 2 ** retry, RETRY_MAX_MS)
  }
  return age
}

function readQueue(queue: QueueOptions | undefined): QueueOptions | undefined {
  if (queue === undefined) return undefined
  if (typeof queue?.directory !== 'string' || queue.directory === '') {
    throw new Error('The Tributary option "queue.directory" must be the path of a folder.')
  }
  if (queue.fsync !== undefined && !['always', 'interval', 'os'].includes(queue.fsync)) {
    throw new Error('The Tributary option "queue.fsync" must be "always", "interval" or "os".')
  }
  readNumber('queue.maxBytes', queue.maxBytes, 1)
  return queue
}

function readPost({ fetch, httpClient }: TributaryOptions): Post | undefined {
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw new Error('The Tributary option "fetch" must be a function.')
  }
  if (fetch) return postByFetch(fetch)
  if (httpClient === undefined) return undefined
  if (typeof httpClient === 'function') return postByFetch(httpClient)
  if (typeof httpClient?.makeRequest === 'function') return postByClient(httpClient)
  throw new Error('The Tributary option "httpClient" must be a function or have "makeRequest".')
}

function readUrl(options: TributaryOptions): string {
  const name = options.endpoint === undefined && options.host !== undefined ? 'host' : 'endpoint'
  const given = options[name]
  if (given === undefined) throw new Error('Tributary needs "endpoint", the URL of the collector.')
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error(`The Tributary option "${name}" must be an http(s) URL, not "${given}".`)
  }
  // Requests to such URLs are refused, each of them; and the message must not repeat the password.
  if (url.username || url.password) {
    throw new Error(`The Tributary option "${name}" must not contain a user name or password.`)
  }
  const path = (options.path ?? '/v1/batch').replace(/^\/+/, '')
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  url.hash = ''
  return url.href
}

function readNumber(
  name: string,
  given: unknown,
  preset: number,
  max = Number.POSITIVE_INFINITY,
  min = 1,
): number {
  if (given === undefined) return preset
  if (typeof given === 'number' && given >= min && given <= max) return given
  const bounds =
    max === Number.POSITIVE_INFINITY
      ? `a number of at least ${min}`
      : `a number from ${min} to ${max}`
  throw new Error(`The Tributary option "${name}" must be ${bounds}.`)
}

function readWhole(name: string, given: unknown, preset: number, max: number): number {
  const number = readNumber(name, given, preset, max)
  if (!Number.isInteger(number)) throw new Error(`The Tributary option "${name}" must be whole.`)
  return number
}

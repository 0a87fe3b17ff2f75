import type { CallContext } from './core/call-context.ts'
import type { EventLog } from './event-log.ts'
import type { QueueOptions } from './options.ts'

/** The part of `fetch` that the SDK uses. */
export type Fetch = (
  url: string,
  init: {
    method: 'POST'
    headers: Record<string, string>
    body: string | Uint8Array<ArrayBuffer>
    signal: AbortSignal
    redirect: 'manual'
  },
) => Promise<FetchAnswer>

/** The part of a `fetch` response that the SDK reads. */
export interface FetchAnswer {
  status: number
  headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** One request to the collector. */
export interface PostRequest {
  url: string
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer>
  /** The body is a string of ASCII alone, which need not be encoded. */
  isAscii: boolean
  /** Ends the request: it has taken too long, or the client is stopped. */
  signal: AbortSignal
  /** What `signal` goes by, for a client that keeps time itself. */
  timeoutMs: number
}

/** What came back for a {@link PostRequest}, its body read to the end. */
export interface PostAnswer {
  status: number
  retryAfter: string | null
  text: string
}

/** Sends one request; rejects when there is no whole answer. */
export type Post = (request: PostRequest) => Promise<PostAnswer>

/** How the queue's log is opened. */
interface LogOptions extends QueueOptions {
  /** Hears of a disk that refuses, and of damage. */
  onFailure(error: Error): void
  /** There are events of other runs to be read. */
  onUnread(): void
}

/** Everything the SDK takes from outside, so that a test can be the outside. */
export interface Platform {
  /** Wall clock, milliseconds since the epoch: for what is written into events. */
  nowMs(): number
  /** A clock that is never set back, milliseconds: for ages and pauses. */
  monotonicMs(): number
  /** From 0 up to 1. */
  random(): number
  /** A new UUIDv7. */
  uuid(): string
  /** UTF-8 bytes of a text. */
  byteLength(text: string): number
  fetch: Fetch
  /** A way to send requests that is better than `fetch`, where there is one. */
  post?: Post
  /** Compresses a request's body, off the main thread where it is large; absent where nothing can, and bodies are sent plain. */
  gzip?: ((body: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined
  /** Opens the queue's log; absent where there is no disk. */
  openLog?(options: LogOptions): EventLog
  /** What calls made here, at this moment, have in common. */
  requestContext?(): CallContext | undefined
  /** Runs `drain` when the process is asked to end, and lets it end after; absent where that cannot be known. Returns what undoes it. */
  onExit?(drain: () => Promise<unknown>): () => void
  /** Tells whoever runs the process. */
  warn(message: string): void
  /** Runs `run` once after `delayMs`; the process may end before it, unless `keepAlive`. Returns what cancels it. */
  setTimer(run: () => void, delayMs: number, keepAlive: boolean): () => void
}

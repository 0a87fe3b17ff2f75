/** The part of `fetch` that the SDK uses. */
export type Fetch = (
  url: string,
  init: {
    method: 'POST'
    headers: Record<string, string>
    body: string | Uint8Array<ArrayBuffer>
    signal: AbortSignal
  },
) => Promise<FetchAnswer>

/** The part of a `fetch` response that the SDK reads. */
export interface FetchAnswer {
  status: number
  headers: { get(name: string): string | null }
  text(): Promise<string>
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
  fetch: Fetch
  /** Tells whoever runs the process. */
  warn(message: string): void
  /** Runs `run` once after `delayMs`; the process may end before it, unless `keepAlive`. Returns what cancels it. */
  setTimer(run: () => void, delayMs: number, keepAlive: boolean): () => void
}

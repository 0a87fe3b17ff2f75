import { promisify } from 'node:util'
import { gzip as gzipCallback, gzipSync } from 'node:zlib'
import type { HttpAnswer } from '@tributary/protocol'
import type { Fetch, Platform } from '../platform.ts'
import { VERSION } from '../version.ts'

/** Below this, gzip's header and the detour over the thread pool cost more than they save. */
const MIN_GZIP_BYTES = 1024

/**
 * Up to this, compressing at once (0.1 ms for a batch of 20 KB) is a quarter of the CPU of handing
 * the work to the thread pool (measured over 2,000 batches); beyond it, the event loop must not wait.
 */
const MAX_SYNC_GZIP_BYTES = 64 * 1024

/** Half of the default level's time for 8 % more bytes (measured on batches of 50 events). */
const GZIP_OPTIONS = { level: 3 }

const gzipAsync = promisify(gzipCallback)

/** An answer, or `status: 0` and why there was none. */
export interface TransportAnswer extends HttpAnswer {
  failure?: unknown
}

/** One HTTP exchange at a time with the collector. */
export interface Transport {
  /** Posts a body of JSON. Never rejects, and settles within the timeout whatever `fetch` does. */
  post(body: string): Promise<TransportAnswer>
  /** Ends the exchange in flight, if there is one. */
  abort(): void
}

/** What a transport needs to know. */
export interface TransportOptions {
  /** Where to post. */
  url: string
  writeKey: string
  gzip: boolean
  /** From the start of compression to the end of the answer's body. */
  requestTimeoutMs: number
  fetch: Fetch
}

/** A transport over `fetch`; bodies worth it are gzipped, large ones off the main thread. */
export function createTransport(
  options: TransportOptions,
  setTimer: Platform['setTimer'],
): Transport {
  const headers = {
    authorization: `Basic ${Buffer.from(`${options.writeKey}:`).toString('base64')}`,
    'content-type': 'application/json',
    'user-agent': `tributary-node/${VERSION}`,
  }
  let giveUp: ((failure: Error) => void) | undefined

  async function exchange(body: string, signal: AbortSignal): Promise<TransportAnswer> {
    const gzipped = options.gzip && body.length >= MIN_GZIP_BYTES
    const response = await options.fetch(options.url, {
      method: 'POST',
      headers: gzipped ? { ...headers, 'content-encoding': 'gzip' } : headers,
      body: gzipped ? await compress(body) : body,
      signal,
    })
    const text = await response.text()
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: parseJson(text),
    }
  }

  return {
    async post(body) {
      const controller = new AbortController()
      const givenUp = new Promise<TransportAnswer>((resolve) => {
        giveUp = (failure) => {
          resolve({ status: 0, failure })
          controller.abort()
        }
      })
      const { requestTimeoutMs } = options
      const cancelTimer = setTimer(
        () => giveUp?.(new Error(`no answer within ${requestTimeoutMs} ms`)),
        requestTimeoutMs,
        false,
      )
      try {
        // A race, because an injected `fetch` may not heed the signal.
        return await Promise.race([exchange(body, controller.signal), givenUp])
      } catch (failure) {
        return { status: 0, failure }
      } finally {
        cancelTimer()
      }
    },
    abort() {
      giveUp?.(new Error('the client was closed'))
    },
  }
}

async function compress(body: string): Promise<Uint8Array<ArrayBuffer>> {
  return body.length <= MAX_SYNC_GZIP_BYTES
    ? gzipSync(body, GZIP_OPTIONS)
    : gzipAsync(body, GZIP_OPTIONS)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

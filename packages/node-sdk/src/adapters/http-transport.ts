import type { HttpAnswer } from '@tributary/protocol'
import type { Platform, Post } from '../platform.ts'
import { VERSION } from '../version.ts'

/** Below this, gzip's header and the detour over the thread pool cost more than they save. */
const MIN_GZIP_BYTES = 1024

/** An answer, or `status: 0` and why there was none. */
export interface TransportAnswer extends HttpAnswer {
  failure?: unknown
}

/** HTTP exchanges with the collector. */
export interface Transport {
  /** Posts a body of JSON. Never rejects, and settles within the timeout whatever the client for HTTP does. */
  post(body: { text: string; isAscii: boolean }): Promise<TransportAnswer>
  /** Ends the exchanges in flight. */
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
  post: Post
}

/** A transport that compresses if it is asked to, keeps time and reads the answer's JSON. */
export function createTransport(
  options: TransportOptions,
  { setTimer, gzip }: Pick<Platform, 'setTimer' | 'gzip'>,
): Transport {
  const { url, requestTimeoutMs } = options
  const plain = {
    authorization: `Basic ${encodeBase64(`${options.writeKey}:`)}`,
    'content-type': 'application/json',
    'user-agent': `tributary-node/${VERSION}`,
  }
  const zipped = { ...plain, 'content-encoding': 'gzip' }
  const underWay = new Set<(failure: Error) => void>()

  async function exchange(
    { text, isAscii }: { text: string; isAscii: boolean },
    signal: AbortSignal,
  ): Promise<TransportAnswer> {
    const zip = options.gzip && text.length >= MIN_GZIP_BYTES ? gzip : undefined
    const answer = await options.post({
      url,
      headers: zip ? zipped : plain,
      body: zip ? await zip(text) : text,
      isAscii: isAscii && !zip,
      signal,
      timeoutMs: requestTimeoutMs,
    })
    return { status: answer.status, retryAfter: answer.retryAfter, body: parseJson(answer.text) }
  }

  return {
    async post(body) {
      const controller = new AbortController()
      let giveUp = (_failure: Error): void => {}
      const givenUp = new Promise<TransportAnswer>((resolve) => {
        giveUp = (failure) => {
          resolve({ status: 0, failure })
          controller.abort(failure)
        }
      })
      underWay.add(giveUp)
      const cancelTimer = setTimer(
        () => giveUp(new Error(`no answer within ${requestTimeoutMs} ms`)),
        requestTimeoutMs,
        false,
      )
      try {
        // A race, because an injected client may not heed the signal.
        return await Promise.race([exchange(body, controller.signal), givenUp])
      } catch (failure) {
        return { status: 0, failure }
      } finally {
        cancelTimer()
        underWay.delete(giveUp)
      }
    },
    abort() {
      for (const giveUp of underWay) giveUp(new Error('the client was closed'))
    },
  }
}

/** `btoa` takes Latin-1 alone; a key's other characters travel as UTF-8 (RFC 7617, 2.1). */
function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import type { TributaryEvent } from '@tributary/protocol'
import { edgePlatform } from './adapters/edge-platform.ts'
import { Tributary } from './client.ts'
import { isMatch } from './core/is-match.ts'
import type { TributaryOptions } from './options.ts'
import type { Fetch, Platform } from './platform.ts'
import { currentContext } from './request-context.ts'

export type { Tributary } from './client.ts'

/** A client for tests, and what it would have sent. */
export interface Recorder {
  /** To be given to the code under test. It is the real client: it checks, serialises and numbers as ever. */
  client: Tributary
  /** All that was recorded, in the order of the calls, as a collector would have got it. */
  events(): Promise<TributaryEvent[]>
  /** The first event that matches; undefined where there is none. */
  find(match: Match): Promise<TributaryEvent | undefined>
  /**
   * The first event that matches, once it is there.
   *
   * @param options `timeoutMs`: longest wait, default 1,000.
   * @throws {Error} When the time is up; the message has what was recorded instead.
   */
  waitFor(match: Match, options?: { timeoutMs?: number }): Promise<TributaryEvent>
  /** Forgets what was recorded. */
  clear(): Promise<void>
}

/** Fields that an event must have, objects in them in part, arrays whole; or a function that tells. */
export type Match = Record<string, unknown> | ((event: TributaryEvent) => boolean)

/** Taken before a test puts fake timers in their place: the client must go on, though the test's clock stands. */
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis
const now = performance.now.bind(performance)

const platform: Platform = {
  ...edgePlatform,
  requestContext: currentContext,
  monotonicMs: now,
  setTimer(run, delayMs) {
    const timer = startTimer(run, Math.min(delayMs, 2 ** 31 - 1))
    ;(timer as { unref?(): void }).unref?.()
    return () => stopTimer(timer)
  },
}

/**
 * A client that sends nothing and keeps its events in memory. Every event is acknowledged, a repeated
 * `messageId` as a duplicate, which is recorded once.
 *
 * @param options As of the client, for hooks and limits; what concerns sending is set aside.
 */
export function recordEvents(options: Partial<TributaryOptions> = {}): Recorder {
  const recorded = new Map<string, TributaryEvent>()
  const onArrival = new Set<() => void>()
  const fetch: Fetch = async (_url, { body }) => {
    const { batch } = JSON.parse(body as string) as { batch: TributaryEvent[] }
    const results: Record<string, { status: string }> = {}
    for (const event of batch) {
      const id = event.messageId as string
      results[id] = { status: recorded.has(id) ? 'duplicate' : 'accepted' }
      if (!recorded.has(id)) recorded.set(id, event)
    }
    for (const tell of [...onArrival]) tell()
    return { status: 200, headers: { get: () => null }, text: async () => write({ results }) }
  }
  const client = new Tributary(
    {
      writeKey: 'wk_test',
      ...options,
      endpoint: 'http://recorder.invalid',
      flushIntervalMs: 1,
      gzip: false,
      fetch,
    },
    platform,
  )
  const find = (match: Match) => [...recorded.values()].find((event) => isMatch(event, match))
  return {
    client,
    async events() {
      await client.flush()
      return [...recorded.values()].sort((a, b) => seqOf(a) - seqOf(b))
    },
    async find(match) {
      await client.flush()
      return find(match)
    },
    waitFor: (match, { timeoutMs = 1000 } = {}) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const event = find(match)
          if (event) finish(() => resolve(event))
        }
        const finish = (settle: () => void) => {
          onArrival.delete(look)
          stopTimer(timer)
          settle()
        }
        const timer = startTimer(() => finish(() => reject(missing(match, recorded))), timeoutMs)
        onArrival.add(look)
        look()
      }),
    async clear() {
      await client.flush()
      recorded.clear()
    },
  }
}

/** Requests may overtake each other; the calls' own numbers do not. */
function seqOf({ context }: TributaryEvent): number {
  return context?.delivery?.seq ?? 0
}

function missing(match: Match, recorded: Map<string, TributaryEvent>): Error {
  const wanted = typeof match === 'function' ? 'the function' : write(match)
  const names = [...recorded.values()].map((event) => ('event' in event ? event.event : event.type))
  return new Error(
    `No event that matches ${wanted} was recorded, but: ${names.join(', ') || 'none'}.`,
  )
}

const write = (value: unknown) => JSON.stringify(value)

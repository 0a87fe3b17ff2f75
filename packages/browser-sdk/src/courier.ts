import { classifyAnswer, MAX_KEEPALIVE_BYTES, splitBatch } from '@tributary/protocol'
import { type Decision, decide, type Settlement } from './core/decide.ts'
import { bytesOf, composeBody, type Entry } from './core/entry.ts'
import type { Platform } from './platform.ts'
import type { Queue } from './queue.ts'

/**
 * Carries batches to the collector, one request each, and never the same event twice at a time.
 * `hiding` asks for a request that outlives the page.
 */
export interface Courier {
  /** The first of `entries` that are not on their way and fit one request; empty when there are none. */
  firstBatch(entries: readonly Entry[], maxEvents: number, hiding: boolean): Entry[]
  /**
   * Sends a batch, if there is anything in it, and settles what the answer settles. The request has started when this returns, so that
   * it may be called while the page is being hidden. Never rejects.
   */
  deliver(batch: readonly Entry[], hiding: boolean): Promise<Omit<Decision, 'settled'>>
  isUnderWay(key: string): boolean
}

/** Requests up to this size outlive the page anyway; the other half of the browser's allowance is kept for hiding. */
const KEEPALIVE_BATCH_BYTES = MAX_KEEPALIVE_BYTES / 2

/** @param onSettled Called with the end of each event before it leaves the queue. */
export function createCourier(
  url: string,
  writeKey: string,
  { now, post }: Pick<Platform, 'now' | 'post'>,
  queue: Queue,
  onSettled: (settled: readonly Settlement[]) => void,
): Courier {
  const underWay = new Set<string>()
  let keepaliveBytes = 0

  return {
    firstBatch(entries, maxEvents, hiding) {
      const free = entries.filter(({ key }) => !underWay.has(key))
      const limits = { maxEvents, maxBytes: MAX_KEEPALIVE_BYTES - (hiding ? keepaliveBytes : 0) }
      return splitBatch(free, (entry) => bytesOf([entry]), limits)[0] ?? []
    },
    async deliver(batch, hiding) {
      if (batch.length === 0) return { progress: 'all', waitMs: 0 }
      const bytes = bytesOf(batch)
      const keepalive =
        keepaliveBytes + bytes <= (hiding ? MAX_KEEPALIVE_BYTES : KEEPALIVE_BATCH_BYTES)
      if (keepalive) keepaliveBytes += bytes
      for (const { key } of batch) underWay.add(key)
      const answer = await post(url, composeBody(writeKey, now(), batch), keepalive)
      if (keepalive) keepaliveBytes -= bytes
      const { settled, progress, waitMs } = decide(batch, classifyAnswer(answer, now()))
      onSettled(settled)
      // A disk that cannot delete would have the same events sent in a tight loop.
      const removed = queue.remove(settled.map(({ key }) => key)).then(
        () => progress,
        () => 'none' as const,
      )
      const outcome = { progress: await removed, waitMs }
      for (const { key } of batch) underWay.delete(key)
      return outcome
    },
    isUnderWay: (key) => underWay.has(key),
  }
}

import type { Callback } from './calls.ts'

/** A serialised event that waits for its outcome. */
export interface Entry {
  messageId: string
  json: string
  /** UTF-8 bytes of `json`. */
  bytes: number
  /** Position in the stream, from 0, without gaps. */
  seq: number
  /** When it was queued, on the monotonic clock, milliseconds. */
  queuedAtMs: number
  callback: Callback | undefined
}

/** Events in the order of their calls. An event in flight stays at the head until it has an outcome. */
export interface Queue {
  readonly size: number
  /** False, and nothing added, when the queue would hold more than its bytes. */
  push(entry: Entry): boolean
  head(): Entry | undefined
  /** The first `count` entries, or fewer. */
  first(count: number): Entry[]
  /** Puts `kept`, some of the first `count` entries in their order, in the place of those. */
  replaceFirst(count: number, kept: readonly Entry[]): void
}

/**
 * A queue in memory.
 *
 * @param maxBytes Most bytes of serialised events that it holds.
 */
export function createQueue(maxBytes: number): Queue {
  // `shift` moves the whole array in V8 once it is large; a moving start and a rare cut are O(1) per entry.
  let entries: Entry[] = []
  let start = 0
  let bytes = 0
  return {
    get size() {
      return entries.length - start
    },
    push(entry) {
      if (bytes + entry.bytes > maxBytes) return false
      bytes += entry.bytes
      entries.push(entry)
      return true
    },
    head: () => entries[start],
    first: (count) => entries.slice(start, start + count),
    replaceFirst(count, kept) {
      const end = Math.min(start + count, entries.length)
      const newStart = end - kept.length
      bytes += sumBytes(kept) - sumBytes(entries.slice(start, end))
      for (const [i, entry] of kept.entries()) entries[newStart + i] = entry
      // Cut when most of the array is settled, and let go of settled entries at once either way.
      if (newStart > entries.length / 2) {
        entries = entries.slice(newStart)
        start = 0
      } else {
        entries.fill(SETTLED, start, newStart)
        start = newStart
      }
    },
  }
}

/** Stands where an entry was, so that its JSON can be collected. Never read: it lies before the start. */
const SETTLED: Entry = {
  messageId: '',
  json: '',
  bytes: 0,
  seq: -1,
  queuedAtMs: 0,
  callback: undefined,
}

function sumBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0)
}

import type { PreviousStream } from '@tributary/protocol'
import type { Storage } from './platform.ts'

/**
 * Streams that a request tells the end of; what there is more, the next page tells. They share the browser's 64 KiB for
 * requests that outlive the page with the events, which may take `MAX_KEEPALIVE_BYTES`.
 */
const MAX_TOLD = 40

/** How far the streams of this page and of earlier ones have come, for the collector to count what is missing. */
export interface Streams {
  /** The last `seq` that this page has given out. */
  note(seq: number): void
  /** Earlier streams that the collector has not confirmed. */
  previous(): readonly PreviousStream[]
  /** The collector has read what {@link Streams.previous} told. */
  confirm(told: readonly PreviousStream[]): void
}

/** Streams under a prefix in `storage`, a key each; `own` is this page's. */
export function openStreams(storage: Storage, prefix: string, own: string): Streams {
  let last = -1
  // Of a tab that still lives, this is how far it had come; it tells more itself.
  let previous = storage
    .keys(prefix)
    .slice(0, MAX_TOLD)
    .map((key) => ({ stream: key.slice(prefix.length), lastSeq: Number(storage.get(key)) }))

  function write(): void {
    storage.set(prefix + own, `${last}`)
    last = -1
  }

  return {
    note(seq) {
      // Once for all events of a task.
      if (last < 0) queueMicrotask(write)
      last = seq
    },
    previous: () => previous,
    confirm(told) {
      for (const { stream, lastSeq } of told) {
        // A tab that has made events since is told of again by the next page.
        if (storage.get(prefix + stream) === `${lastSeq}`) storage.remove(prefix + stream)
        previous = []
      }
    },
  }
}

import { MAX_KEEPALIVE_BYTES } from '@tributary/protocol'
import type { Outcome } from './ending.ts'
import { bytesOf, type Entry } from './entry.ts'

/** What became of the events that this page made: `created` is always the sum of the others. */
export interface Stats {
  /** Calls that should have become an event. */
  created: number
  /** Stored by the collector. */
  delivered: number
  /** The collector had it already. */
  duplicate: number
  /** The collector keeps it in quarantine. */
  rejected: number
  /** Given up by the SDK: it could not be serialised, was too large, or the collector refused the request for good. */
  dropped: number
  /** No outcome is known yet. */
  pending: number
  /** How many were rejected or dropped, by the collector's code or the reason. */
  reasons: Record<string, number>
  /** Where the queue is kept: IndexedDB, else localStorage, else memory, for the page's life. */
  storage: 'indexeddb' | 'localstorage' | 'memory'
}

/** The accounts of one page's own events. Events that other pages left in the queue are not in them. */
export interface Ledger {
  /** An event was made and has no outcome yet. */
  open(entry: Entry): void
  /** A call was made that cannot become an event. */
  drop(): void
  /** Notes how an event ended. False when it is not this page's, or had ended already. */
  settle(key: string, outcome: Outcome): boolean
  stats(): Stats
  /** Keys of the events without an outcome, oldest first. */
  pendingKeys(): string[]
  /** The newest events without an outcome, oldest first, at most as much as one keepalive request carries. */
  held(): Entry[]
}

/** An empty {@link Ledger}. */
export function createLedger(): Ledger {
  const ended = { delivered: 0, duplicate: 0, rejected: 0, dropped: 0 }
  const pending = new Set<string>()
  const held = new Map<string, Entry>()
  let created = 0
  let heldBytes = 0

  function release(entry: Entry | undefined): void {
    if (entry && held.delete(entry.key)) heldBytes -= bytesOf([entry])
  }

  return {
    open(entry) {
      created++
      pending.add(entry.key)
      held.set(entry.key, entry)
      heldBytes += bytesOf([entry])
      // The queue is on disk: what could not be sent at the end of the page need not stay in memory through an outage.
      for (const oldest of held.values()) {
        if (heldBytes <= MAX_KEEPALIVE_BYTES) break
        release(oldest)
      }
    },
    drop() {
      created++
      ended.dropped++
    },
    settle(key, outcome) {
      if (!pending.delete(key)) return false
      release(held.get(key))
      ended[outcome]++
      return true
    },
    stats: () => ({ created, ...ended, pending: pending.size, reasons: {}, storage: 'indexeddb' }),
    pendingKeys: () => [...pending],
    held: () => [...held.values()],
  }
}

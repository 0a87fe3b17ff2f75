import type { Ending, Outcome } from './ending.ts'
import type { Entry } from './entry.ts'

/** What became of the events that this page made: `created` is always the sum of the next five. */
export interface Stats {
  /** Calls that should have become an event. */
  created: number
  /** Stored by the collector. */
  delivered: number
  /** The collector had it already. */
  duplicate: number
  /** The collector keeps it in quarantine. */
  rejected: number
  /** Given up by the SDK. */
  dropped: number
  /** No outcome is known yet. */
  pending: number
}

/** The accounts of one page's own events. Events that other pages left in the queue are not in them. */
export interface Ledger {
  /** An event was made. Resolves with its end. */
  begin(entry: Entry): Promise<Ending>
  /** Notes how an event ended. False when it is not this page's, or had ended already. */
  settle(key: string, ending: Ending): boolean
  stats(): Stats
  /** The events without an outcome, oldest first. */
  unended(): Entry[]
}

/** An empty {@link Ledger}. */
export function createLedger(): Ledger {
  const ended = { delivered: 0, duplicate: 0, rejected: 0, dropped: 0 } satisfies Record<
    Outcome,
    number
  >
  const open = new Map<string, { entry: Entry; end(ending: Ending): void }>()
  let created = 0
  return {
    begin(entry) {
      created++
      return new Promise((end) => open.set(entry.key, { entry, end }))
    },
    settle(key, ending) {
      open.get(key)?.end(ending)
      if (!open.delete(key)) return false
      ended[ending.outcome]++
      return true
    },
    stats: () => ({ created, ...ended, pending: open.size }),
    unended: () => [...open.values()].map(({ entry }) => entry),
  }
}

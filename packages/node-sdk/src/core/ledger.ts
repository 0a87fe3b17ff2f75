import type { Outcome } from './outcome.ts'

/** What became of the events of one client. `created` and `recovered` together are always the sum of all that follow. */
export interface Stats {
  /** Calls that became an event or should have; one that threw a `ValidationError` is none. */
  created: number
  /** Events of earlier runs, and of processes that died, that the disk queue has given back. */
  recovered: number
  delivered: number
  /** Delivered before: the collector had them already. */
  duplicate: number
  /** By the collector's code. */
  rejected: Record<string, number>
  /** By reason. */
  dropped: Record<string, number>
  /** Without an outcome yet, in memory and on disk. */
  pending: number
}

/** Counts events in and outcomes out. */
export interface Ledger {
  create(): void
  recover(): void
  settle(outcome: Outcome): void
  /** @param pending Events in the queue, counted there so that the sum proves something. */
  read(pending: number): Stats
}

/** An empty ledger. */
export function createLedger(): Ledger {
  let created = 0
  let recovered = 0
  let delivered = 0
  let duplicate = 0
  // Maps, because the keys come from the collector and may be `__proto__`.
  const rejected = new Map<string, number>()
  const dropped = new Map<string, number>()
  return {
    create() {
      created++
    },
    recover() {
      recovered++
    },
    settle(outcome) {
      if (outcome.kind === 'delivered') delivered++
      else if (outcome.kind === 'duplicate') duplicate++
      else if (outcome.kind === 'rejected') increment(rejected, outcome.code)
      else increment(dropped, outcome.reason)
    },
    read: (pending) => ({
      created,
      recovered,
      delivered,
      duplicate,
      rejected: Object.fromEntries(rejected),
      dropped: Object.fromEntries(dropped),
      pending,
    }),
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

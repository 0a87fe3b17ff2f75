import type { Event } from '../collector.ts'

/** What is expected of an event: stored, or in quarantine with this code. */
export type Fate = 'stored' | 'id_conflict' | 'unknown_type'

/** One event with everything a client knows of it. Times are ticks of the ledger: they tell before from after. */
export interface Entry {
  source: string
  fate: Fate
  event: Event
  /** Tells it from every other, also from one with its id. */
  token: string
  /** When it was first on its way. */
  sentAt: number | undefined
  /** When the client first knew that it need not send it again. */
  acknowledgedAt: number | undefined
}

/** Everything that was ever created, sent and acknowledged. */
export interface Ledger {
  entries: Entry[]
  /** How many entries are acknowledged. */
  readonly acknowledged: number
  /** Requests that were told to try again (503). */
  refusals: number
  /** What no answer of the collector may ever be. */
  wrongAnswers: string[]
  note(entry: Entry): void
  markSent(entries: readonly Entry[]): void
  acknowledge(entries: readonly Entry[]): void
}

export function createLedger(): Ledger {
  let tick = 0
  let acknowledged = 0
  const entries: Entry[] = []
  return {
    entries,
    get acknowledged() {
      return acknowledged
    },
    refusals: 0,
    wrongAnswers: [],
    note: (entry) => entries.push(entry),
    markSent(sent) {
      tick += 1
      for (const entry of sent) entry.sentAt ??= tick
    },
    acknowledge(known) {
      tick += 1
      for (const entry of known) {
        if (entry.acknowledgedAt === undefined) acknowledged += 1
        entry.acknowledgedAt ??= tick
      }
    },
  }
}

import { HELD_BYTES, HELD_FOR_MS } from '../limits.ts'
import type { JournalRow, JournalStatements, RowSummary } from './journal-sql.ts'

/** A row that has left the journal, as far as a live tail needs it. */
type HeldRow = Pick<JournalRow, 'seq' | 'events'> & { leftAtMs: number }

/**
 * Keeps rows that the drain takes away for as long as somebody who watches may not have seen them. Nobody watching, it
 * keeps nothing.
 *
 * @param drainedThrough The last row that has left already.
 */
export function createHeldRows(drainedThrough: number) {
  let held: HeldRow[] = []
  /** The last row that has left the journal and is not held. */
  let lost = drainedThrough
  let watchedAtMs = Number.NEGATIVE_INFINITY

  return {
    /** Somebody watches now. */
    watch(nowMs: number): void {
      watchedAtMs = nowMs
    },
    /** Keeps rows that are about to go, if somebody watches. */
    hold(statements: JournalStatements, rows: readonly RowSummary[], nowMs: number): void {
      const [first, last] = [rows[0], rows.at(-1)]
      if (!first || !last) return
      if (nowMs - watchedAtMs >= HELD_FOR_MS) {
        lost = Math.max(lost, last.seq)
        return
      }
      const going = new Set(rows.map(({ seq }) => seq))
      for (const { seq, events } of statements.rowsBetween(first.seq, last.seq)) {
        if (going.has(seq)) held.push({ seq, events, leftAtMs: nowMs })
      }
      let bytes = held.reduce((sum, row) => sum + row.events.byteLength, 0)
      while (bytes > HELD_BYTES) {
        const dropped = held.shift()
        bytes -= dropped?.events.byteLength ?? 0
        lost = Math.max(lost, dropped?.seq ?? 0)
      }
    },
    /** Puts other events in the place of rows'. */
    edit(eventsOf: (events: ArrayBuffer) => ArrayBuffer): void {
      held = held.map((row) => ({ ...row, events: eventsOf(row.events) }))
    },
    /** The last row that a watcher must have seen already to go on without a gap. */
    lostThrough(nowMs: number): number {
      for (const row of held) {
        if (nowMs - row.leftAtMs >= HELD_FOR_MS) lost = Math.max(lost, row.seq)
      }
      return lost
    },
    /** Rows after `seq`, in order. Forgets those that every watcher has had time to see. */
    after(seq: number, nowMs: number): Pick<JournalRow, 'seq' | 'events'>[] {
      lost = this.lostThrough(nowMs)
      held = held.filter((row) => nowMs - row.leftAtMs < HELD_FOR_MS)
      return held.filter((row) => row.seq > seq)
    },
  }
}

/** The held rows of one journal. */
export type HeldRows = ReturnType<typeof createHeldRows>

import { emptyTally, type Tally } from './tally.ts'

/** What a journal keeps beside its rows, in one row. */
export interface JournalState {
  /**
   * Unique to this Durable Object, and part of every key it writes. Row numbers alone would repeat if the object were
   * created anew beside an old lake, and create-only puts would then take new rows for old ones.
   */
  name: string
  /** Rows up to here are in the lake and gone from the journal. */
  drainedThrough: number
  /** Last row of the drain under way; fixed before its first object is written, so that a repeat writes the same ones. */
  planTo?: number
  /** Of everything drained. */
  tally: Tally
}

/** The state of a journal that has nothing yet. */
export function newState(name: string): JournalState {
  return { name, drainedThrough: 0, tally: emptyTally() }
}

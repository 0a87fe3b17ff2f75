import { emptySeries, type Series } from '../core/series.ts'
import type { StreamTotals } from '../core/stream-counts.ts'
import { emptyTally, type Tally } from './tally.ts'

/** What a journal keeps beside its rows, in one row. */
export interface JournalState {
  /**
   * Unique to this Durable Object, and part of every key it writes. Row numbers alone would repeat if the object were
   * created anew beside an old lake, and create-only puts would then take new rows for old ones.
   */
  name: string
  /** Rows up to here are in the lake. */
  drainedThrough: number
  /** Rows up to here are in the account of deliveries. Rows go once both have them. */
  accountedThrough: number
  /** Rows up to here are in the profiles. */
  profiledThrough: number
  /** Days of the lake, `source/date`, with rows that went before the profiles had them. */
  owed: string[]
  /** Last row of the drain under way; fixed before its first object is written, so that a repeat writes the same ones. */
  planTo?: number | undefined
  /** Rows below `drainedThrough` that could not be turned into objects; they stay, and are tried again with each alarm. */
  setAside: number[]
  /** Of everything that is gone from the journal. */
  tally: Tally
  /** The same over time. In this row, which is written anyhow, it costs no row of its own. */
  series: Series
  /** Of the one journal that keeps the account: totals by source, and how far it has each journal's rows. */
  deliveries: Record<string, StreamTotals>
  accounted: Record<string, number>
}

/** The state of a journal that has nothing yet. */
export function newState(name: string): JournalState {
  return {
    name,
    drainedThrough: 0,
    accountedThrough: 0,
    profiledThrough: 0,
    owed: [],
    setAside: [],
    tally: emptyTally(),
    series: emptySeries(),
    deliveries: {},
    accounted: {},
  }
}

import type { SourceTotals } from '@tributary/protocol'
import { addCounts, addLists, type Sums } from '../core/series.ts'

/** Operations that are billed, counted as they happen. */
export interface Operations {
  /** Requests to the Worker that reached a journal. */
  requests: number
  /** Calls of a journal, its alarms included. */
  journalCalls: number
  /** Rows written in SQLite, deleted ones included. */
  rowsWritten: number
  /** R2 class A operations. */
  lakePuts: number
  /** R2 operations of the compaction, by class. Those of reading through the API are not counted. */
  compactionA: number
  compactionB: number
}

/**
 * What a journal counts. Counting must not cost rows of its own, so each appended row carries what was counted since
 * the one before: only repeats and calls after the last row can be lost by a crash, an accepted record never.
 */
export interface Tally {
  sources: Record<string, SourceTotals>
  operations: Operations
  /** For the time series alone: events by type, requests by latency, and the backlog with this row. */
  types?: Record<string, number>
  latency?: number[]
  backlogBytes?: number
}

/** All zero. */
export function emptyTally(): Tally {
  return {
    sources: {},
    operations: {
      requests: 0,
      journalCalls: 0,
      rowsWritten: 0,
      lakePuts: 0,
      compactionA: 0,
      compactionB: 0,
    },
  }
}

/** The totals of a source, to be counted up in place. */
export function totalsOf(tally: Tally, source: string): SourceTotals {
  tally.sources[source] ??= { accepted: 0, duplicates: 0, quarantined: {} }
  return tally.sources[source]
}

/** Adds `more` to `tally`, in place. */
export function addTally(tally: Tally, more: Tally): void {
  for (const [source, { accepted, duplicates, suppressed, quarantined }] of Object.entries(
    more.sources,
  )) {
    const totals = totalsOf(tally, source)
    totals.accepted += accepted
    totals.duplicates += duplicates
    if (suppressed) totals.suppressed = (totals.suppressed ?? 0) + suppressed
    for (const [code, count] of Object.entries(quarantined)) {
      totals.quarantined[code] = (totals.quarantined[code] ?? 0) + count
    }
  }
  for (const name of Object.keys(tally.operations) as (keyof Operations)[]) {
    // Rows of an older version know fewer operations.
    tally.operations[name] += more.operations[name] ?? 0
  }
  if (more.types) tally.types = addCounts(tally.types ?? {}, more.types)
  if (more.latency) tally.latency = addLists(tally.latency, more.latency)
}

/** The tally as sums of the stretch of time that it was counted in. */
export function sumsOf({ sources, operations, types, latency, backlogBytes }: Tally): Sums {
  const sums: Sums = {}
  for (const [source, { accepted, duplicates, quarantined }] of Object.entries(sources)) {
    if (accepted > 0) sums.accepted = addCounts(sums.accepted ?? {}, { [source]: accepted })
    if (duplicates > 0) sums.duplicates = (sums.duplicates ?? 0) + duplicates
    if (Object.keys(quarantined).length > 0) {
      sums.rejected = addCounts(sums.rejected ?? {}, quarantined)
    }
  }
  const counted = addCounts({}, { ...operations })
  if (Object.keys(counted).length > 0) sums.operations = counted
  if (types) sums.types = types
  if (latency) sums.latency = latency
  if (backlogBytes) sums.backlogBytes = backlogBytes
  return sums
}

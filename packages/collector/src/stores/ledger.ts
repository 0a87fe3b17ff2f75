import type { SeriesRange } from '@tributary/protocol'
import { unpackPrints } from '../core/packed-prints.ts'
import { addLists, addToSeries, countLatencies, type Sums } from '../core/series.ts'
import type { StreamTotals } from '../core/stream-counts.ts'
import { Clocks } from './clocks.ts'
import { createDedupe, type Dedupe } from './dedupe.ts'
import { account, type DeliveryReport } from './deliveries.ts'
import type { NewRow } from './group.ts'
import {
  type JournalRow,
  type JournalStatements,
  journalStatements,
  type RowSummary,
} from './journal-sql.ts'
import { type JournalState, newState } from './journal-state.ts'
import { addTally, emptyTally, type Operations, sumsOf, type Tally } from './tally.ts'

/** What a journal tells about itself. */
export interface JournalStats {
  /** `undefined` before the first append. */
  name: string | undefined
  tally: Tally
  /** By source; of the one journal that keeps the account. */
  deliveries: Record<string, StreamTotals>
  backlog: {
    rows: number
    bytes: number
    oldestReceivedAt: number | undefined
    /** Rows that could not be turned into objects of the lake. */
    setAside: number
    /** Rows that the profiles do not have, and days of the lake that they have to read. */
    unprofiled: number
    owed: number
  }
}

/**
 * What a journal has in its database, and the part of it that is kept in memory: always both or neither. Every change is
 * one synchronous transaction.
 */
export class Ledger {
  readonly statements: JournalStatements
  readonly dedupe: Dedupe
  readonly clocks: Clocks
  /** Counted since the last row was written. */
  unsaved: Tally = emptyTally()
  #ctx: DurableObjectState
  #newName: () => string
  #state: JournalState | undefined
  #nextSeq: number
  #backlogBytes = 0

  /** @param newName Makes the name of a journal that has none yet. */
  constructor(ctx: DurableObjectState, newName: () => string) {
    this.#ctx = ctx
    this.#newName = newName
    this.statements = journalStatements(ctx.storage.sql, (rows) => {
      this.unsaved.operations.rowsWritten += rows
    })
    this.dedupe = createDedupe(this.statements)
    this.clocks = new Clocks(this.statements)
    this.#state = this.statements.readState()
    this.#nextSeq = this.state.drainedThrough + 1
    for (const row of this.statements.summaries()) {
      this.#nextSeq = Math.max(this.#nextSeq, row.seq + 1)
      this.#backlogBytes += row.bytes
      for (const print of unpackPrints(row.prints)) this.dedupe.remember(print)
    }
  }

  /** As it is stored; of a journal that has nothing yet, what it begins with. Not to be changed in place. */
  get state(): Readonly<JournalState> {
    return this.#state ?? newState('')
  }

  /** Number of the last row; 0 before the first. */
  get lastSeq(): number {
    return this.#nextSeq - 1
  }

  /** Size of the rows that are in the journal. */
  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** Writes rows, and the counts with them. Throws with nothing of them kept or known. */
  insert(rows: readonly NewRow[], counted: Tally): void {
    const { rowsWritten } = this.unsaved.operations
    let seq = this.#nextSeq
    let bytes = 0
    let tally = structuredClone(this.unsaved)
    addTally(tally, counted)
    let isWritten = false
    const before = this.#state
    try {
      this.#ctx.storage.transactionSync(() => {
        if (!this.#state) this.#write(newState(this.#newName()))
        for (const row of rows) {
          bytes += sizeOf(row)
          tally.backlogBytes = this.#backlogBytes + bytes
          this.statements.insertRow({ ...row, seq, tally: JSON.stringify(tally) })
          tally = emptyTally()
          seq += 1
        }
      })
      isWritten = true
    } finally {
      if (!isWritten) this.#state = before
      this.dedupe.settle(isWritten)
    }
    // What the statements have counted meanwhile belongs to the next row.
    const counting = this.unsaved.operations.rowsWritten - rowsWritten
    this.unsaved = emptyTally()
    this.unsaved.operations.rowsWritten = counting
    this.#nextSeq = seq
    this.#backlogBytes += bytes
  }

  /** Changes the state, and what else belongs to the change, in one transaction. The unsaved counts go with it. */
  change(
    changes: Partial<JournalState>,
    more: (next: JournalState) => void = () => undefined,
  ): void {
    const name = this.state.name || this.#newName()
    const next: JournalState = { ...structuredClone(this.state), ...changes, name }
    try {
      this.#ctx.storage.transactionSync(() => {
        more(next)
        addTally(next.tally, this.unsaved)
        addToSeries(next.series, Date.now(), sumsOf(this.unsaved))
        this.unsaved = emptyTally()
        this.#write(next)
      })
    } catch (error) {
      // Memory may now be ahead of the database; start again from the database.
      this.#ctx.abort(`The journal could not write: ${error}`)
    }
  }

  /** Lets rows go: their fingerprints move into the buckets, their counts into the state. */
  release(gone: readonly RowSummary[], changes: Partial<JournalState>): void {
    const prints = gone.flatMap((row) => unpackPrints(row.prints))
    this.change(changes, (next) => {
      for (const row of gone) {
        const tally = JSON.parse(row.tally) as Tally
        addTally(next.tally, tally)
        addToSeries(next.series, row.lastReceivedAt, sumsOf(tally))
        this.statements.deleteRow(row.seq)
      }
      this.dedupe.store(prints)
      this.clocks.store()
    })
    this.dedupe.forget(prints)
    for (const { bytes } of gone) this.#backlogBytes -= bytes
  }

  /** Puts other records in the place of rows'. Their fingerprints stay: what was taken out does not come back. */
  replaceRecords(rows: readonly Pick<JournalRow, 'seq' | 'events' | 'quarantine'>[]): void {
    if (rows.length === 0) return
    this.change({}, () => {
      for (const row of rows) this.statements.updateRecords(row)
    })
    this.#backlogBytes = 0
    for (const { bytes } of this.statements.summaries()) this.#backlogBytes += bytes
  }

  /** Takes a report into the account of deliveries. */
  account({ journal, through, news }: DeliveryReport): void {
    this.change({ accounted: { ...this.state.accounted, [journal]: through } }, (next) => {
      const before = sumStreams(next.deliveries)
      account(this.statements, news, next.deliveries)
      const after = sumStreams(next.deliveries)
      addToSeries(next.series, Date.now(), {
        created: after.created - before.created,
        received: after.received - before.received,
      })
    })
  }

  /** Adds operations that were made elsewhere. */
  count(more: Partial<Operations>): void {
    const { sources, operations } = emptyTally()
    addTally(this.unsaved, { sources, operations: { ...operations, ...more } })
  }

  /** Counts how long requests that arrived then have waited until now. */
  countLatency(arrivals: readonly number[]): void {
    const now = Date.now()
    const latencies = countLatencies(arrivals.map((arrivedAt) => Math.max(now - arrivedAt, 0)))
    this.unsaved.latency = addLists(this.unsaved.latency, latencies)
  }

  /** What happened over time, as of now. */
  series(range: SeriesRange): Record<string, Sums> {
    const series = structuredClone(this.state.series)
    for (const { lastReceivedAt, tally } of this.statements.summaries()) {
      addToSeries(series, lastReceivedAt, sumsOf(JSON.parse(tally) as Tally))
    }
    const unsaved = sumsOf(this.unsaved)
    addToSeries(series, Date.now(), { ...unsaved, backlogBytes: this.#backlogBytes })
    return series[range]
  }

  stats(): JournalStats {
    const { name, tally, deliveries, setAside, profiledThrough, owed } = structuredClone(this.state)
    let unprofiled = 0
    let rows = 0
    let oldestReceivedAt: number | undefined
    for (const row of this.statements.summaries()) {
      rows += 1
      if (row.seq > profiledThrough) unprofiled += 1
      oldestReceivedAt = Math.min(oldestReceivedAt ?? row.firstReceivedAt, row.firstReceivedAt)
      addTally(tally, JSON.parse(row.tally) as Tally)
    }
    addTally(tally, this.unsaved)
    return {
      name: name || undefined,
      tally,
      deliveries,
      backlog: {
        rows,
        bytes: this.#backlogBytes,
        oldestReceivedAt,
        setAside: setAside.length,
        unprofiled,
        owed: owed.length,
      },
    }
  }

  #write(state: JournalState): void {
    this.statements.writeState(state)
    this.#state = state
  }
}

/** As `RowSummary.bytes` has it. */
function sizeOf({ events, quarantine, prints, streams }: NewRow): number {
  const streamBytes = new TextEncoder().encode(streams).length
  return events.byteLength + quarantine.byteLength + prints.byteLength + streamBytes
}

function sumStreams(deliveries: Readonly<Record<string, StreamTotals>>): {
  created: number
  received: number
} {
  const sum = { created: 0, received: 0 }
  for (const { created, received } of Object.values(deliveries)) {
    sum.created += created
    sum.received += received
  }
  return sum
}

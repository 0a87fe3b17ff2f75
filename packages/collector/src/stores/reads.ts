import { splitLines } from '../adapters/lake.ts'
import type { RecordKind } from '../core/lake-key.ts'
import { addNewest, type ListingBounds, type Newest, NOTHING, selectLines } from '../core/newest.ts'
import type { RecordFilter } from '../core/record.ts'
import { MAX_TAIL_BYTES } from '../limits.ts'
import type { HeldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'

/** What a journal holds of a listing, and up to which row the lake has the rest. */
export interface JournalListing extends Newest {
  name: string
  drainedThrough: number
}

/** What has been appended since a tail last asked. */
export interface JournalTail {
  /** False when some of it is neither stored here nor held any more: to go on would be to lose it in silence. */
  isWhole: boolean
  /** The row to ask from next. */
  through: number
  /** Accepted events as NDJSON lines, in order. */
  lines: string[]
}

/** The newest records that match and are not in the lake. Row by row: a backlog can be larger than what fits in memory as objects. */
export function listRows(
  { state, statements }: Ledger,
  kind: RecordKind,
  filter: RecordFilter,
  bounds: ListingBounds,
): JournalListing {
  const { name, drainedThrough, setAside } = state
  let newest = NOTHING
  for (const row of statements.rowsBackwards()) {
    if (row.seq <= drainedThrough && !setAside.includes(row.seq)) continue
    // A row older than what was left out already has nothing to add.
    if (newest.floor && row.lastReceivedAt < Date.parse(newest.floor.receivedAt)) continue
    const lines = splitLines(new TextDecoder().decode(row[kind]))
    newest = addNewest(newest, selectLines(lines, filter), bounds)
  }
  return { name, drainedThrough, ...newest }
}

/** The events appended after row `after`, also those that a drain has taken away since. */
export function tailRows(
  { lastSeq, statements }: Ledger,
  held: HeldRows,
  after: number | undefined,
  nowMs: number,
): JournalTail {
  held.watch(nowMs)
  let through = after ?? lastSeq
  const isWhole = through >= held.lostThrough(nowMs)
  const lines: string[] = []
  let bytes = 0
  const rows = [...held.after(through, nowMs), ...statements.rowsBetween(through + 1, lastSeq)]
  for (const row of rows.sort((a, b) => a.seq - b.seq)) {
    if (bytes > MAX_TAIL_BYTES) break
    lines.push(...splitLines(new TextDecoder().decode(row.events)))
    bytes += row.events.byteLength
    through = row.seq
  }
  return { isWhole, through, lines }
}

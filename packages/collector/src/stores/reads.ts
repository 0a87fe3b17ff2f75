import { splitLines } from '../adapters/lake.ts'
import type { RecordKind } from '../core/lake-key.ts'
import { keepNewest, type RecordFilter, type StoredRecord, selectNewest } from '../core/record.ts'
import { MAX_TAIL_BYTES } from '../limits.ts'
import type { HeldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'

/** What a journal holds of a listing, and up to which row the lake has the rest. */
export interface JournalListing {
  name: string
  drainedThrough: number
  /** NDJSON lines, newest first. */
  lines: string[]
}

/** What has been appended since a tail last asked. */
export interface JournalTail {
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
  limit: number,
): JournalListing {
  const { name, drainedThrough, setAside } = state
  let newest: StoredRecord[] = []
  for (const row of statements.rowsBackwards()) {
    if (row.seq <= drainedThrough && !setAside.includes(row.seq)) continue
    // All records of a row arrived together, so a row older than the last one kept has nothing to add.
    const last = newest[limit - 1]
    if (last && row.lastReceivedAt < Date.parse(last.receivedAt)) continue
    const lines = splitLines(new TextDecoder().decode(row[kind]))
    newest = keepNewest([...newest, ...selectNewest(lines, filter, limit)], limit)
  }
  return { name, drainedThrough, lines: newest.map((record) => JSON.stringify(record)) }
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
  const lines: string[] = []
  let bytes = 0
  const rows = [...held.after(through, nowMs), ...statements.rowsBetween(through + 1, lastSeq)]
  for (const row of rows.sort((a, b) => a.seq - b.seq)) {
    if (bytes > MAX_TAIL_BYTES) break
    lines.push(...splitLines(new TextDecoder().decode(row.events)))
    bytes += row.events.byteLength
    through = row.seq
  }
  return { through, lines }
}

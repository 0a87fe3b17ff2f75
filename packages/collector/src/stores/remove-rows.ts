import { splitLines, toNdjson } from '../adapters/lake.ts'
import type { LineFilter } from '../core/removal.ts'
import type { HeldRows } from './held-rows.ts'
import type { JournalRow } from './journal-sql.ts'
import type { Ledger } from './ledger.ts'

/** What was taken out of the rows of a journal. */
export interface RowRemoval {
  events: number
  quarantineRecords: number
}

/** Takes events and refused records out of all rows of a journal, drained or not, and out of those held for watchers. */
export function removeFromRows(ledger: Ledger, held: HeldRows, filter: LineFilter): RowRemoval {
  const removed: RowRemoval = { events: 0, quarantineRecords: 0 }
  const changed: Pick<JournalRow, 'seq' | 'events' | 'quarantine'>[] = []
  for (const { seq, events, quarantine } of ledger.statements.rowsBetween(1, ledger.lastSeq)) {
    const eventsLeft = edit(events, (line) => (filter.takesEvent(line) ? undefined : line))
    const refusedLeft = edit(quarantine, (line) => filter.leaveOfRefused(line))
    removed.events += eventsLeft.touched
    removed.quarantineRecords += refusedLeft.touched
    if (eventsLeft.touched + refusedLeft.touched === 0) continue
    changed.push({ seq, events: eventsLeft.block, quarantine: refusedLeft.block })
  }
  ledger.replaceRecords(changed)
  held.edit((events) => edit(events, (line) => (filter.takesEvent(line) ? undefined : line)).block)
  return removed
}

const NOTHING = new ArrayBuffer(0)

/** Empties the rows of a source that arrived before a time (ms): such as were set aside, for nothing else stays for so long. */
export function expireRows(ledger: Ledger, source: string, beforeMs: number): void {
  const old = [...ledger.statements.summaries()].filter(
    (row) => row.source === source && row.lastReceivedAt < beforeMs,
  )
  ledger.replaceRecords(old.map(({ seq }) => ({ seq, events: NOTHING, quarantine: NOTHING })))
}

/** A block of NDJSON with other lines in it, or none, and how many are not what they were. */
function edit(
  block: ArrayBuffer,
  leave: (line: string) => string | undefined,
): { block: ArrayBuffer; touched: number } {
  if (block.byteLength === 0) return { block, touched: 0 }
  const lines = splitLines(new TextDecoder().decode(block))
  const left = lines.map(leave)
  const touched = left.filter((line, index) => line !== lines[index]).length
  if (touched === 0) return { block, touched }
  const text = toNdjson(left.filter((line) => line !== undefined))
  return { block: new TextEncoder().encode(text).buffer as ArrayBuffer, touched }
}

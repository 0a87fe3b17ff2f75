import type { BucketedFingerprint, Dedupe } from './dedupe.ts'
import type { SourceTotals } from './tally.ts'

/** One record to keep: its NDJSON line, its fingerprint, and for quarantine the code. */
export interface JournalItem {
  line: string
  fingerprint: BucketedFingerprint
  quarantineCode?: string
}

/** One call's records for one shard. */
export interface AppendRequest {
  /** The shard's number, for the journal's name. */
  shard: number
  source: string
  /** Milliseconds since 1970. */
  receivedAt: number
  /** 1 in one of the calls that a request to the Worker makes, 0 in the others. */
  requests: number
  items: JournalItem[]
}

/** What became of one item. `conflict`: its id is stored with other content, and this was not kept. */
export type AppendOutcome = 'accepted' | 'duplicate' | 'conflict'

/** Outcomes in the order of the items, or `backlog_full` with nothing kept. */
export type AppendAnswer =
  | { ok: true; outcomes: AppendOutcome[] }
  | { ok: false; reason: 'backlog_full' }

/** Picks what is new among items, also where one id stands twice in the same call, and tells what became of each. */
export function pickNew(
  items: readonly JournalItem[],
  dedupe: Dedupe,
): { outcomes: AppendOutcome[]; fresh: JournalItem[] } {
  const fresh: JournalItem[] = []
  const inThisCall = new Map<bigint, bigint>()
  const outcomes = items.map((item): AppendOutcome => {
    const { id, content } = item.fingerprint
    const before = inThisCall.get(id)
    if (before !== undefined) return before === content ? 'duplicate' : 'conflict'
    const known = dedupe.recognise(item.fingerprint)
    if (known !== 'new') return known
    inThisCall.set(id, content)
    fresh.push(item)
    return 'accepted'
  })
  return { outcomes, fresh }
}

/** The items of one kind as NDJSON, each line ended. */
export function toNdjson(items: readonly JournalItem[]): ArrayBuffer {
  const text = items.map((item) => `${item.line}\n`).join('')
  return new TextEncoder().encode(text).buffer as ArrayBuffer
}

/** Counts the items as kept, in place. */
export function countItems(items: readonly JournalItem[], totals: SourceTotals): void {
  for (const { quarantineCode } of items) {
    if (quarantineCode === undefined) totals.accepted += 1
    else totals.quarantined[quarantineCode] = (totals.quarantined[quarantineCode] ?? 0) + 1
  }
}

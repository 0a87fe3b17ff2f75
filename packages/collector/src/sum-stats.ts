import { allJournals } from './adapters/journal-stubs.ts'
import type { ResolvedConfig } from './config.ts'
import type { StreamTotals } from './core/stream-counts.ts'
import type { CollectorEnv } from './env.ts'
import {
  addTally,
  emptyTally,
  type Operations,
  type SourceTotals,
  totalsOf,
} from './stores/tally.ts'

/** What waits in one journal. */
interface ShardStats {
  shard: number
  /** Name of the journal; `null` before its first append. */
  journal: string | null
  backlogRows: number
  backlogBytes: number
  /** Age of the oldest record that is not in the lake; `null` when none is waiting. */
  oldestAgeMs: number | null
  /** Rows that could not be turned into objects of the lake. */
  setAsideRows: number
}

/** `missing` is what was created and has not arrived: on its way, or lost. */
interface Deliveries extends StreamTotals {
  duplicated: number
  missing: number
}

/** What `/api/stats` and `/metrics` tell, each in its own form. */
export interface CollectorStats {
  sources: Record<string, SourceTotals>
  /** By source: what clients that count their events have made, and what became of it. */
  deliveries: Record<string, Deliveries>
  shards: ShardStats[]
  operations: Operations
}

/** Sums up what the journals count. Every configured source is there, also one that nothing was sent to. */
export async function sumStats(
  env: CollectorEnv,
  config: ResolvedConfig,
  nowMs: number,
): Promise<CollectorStats> {
  const journals = await Promise.all(
    allJournals(env, config.shards).map((journal) => journal.stats()),
  )
  const tally = emptyTally()
  for (const { id } of config.sources) totalsOf(tally, id)
  const deliveries: Record<string, StreamTotals> = {}
  for (const journal of journals) {
    addTally(tally, journal.tally)
    Object.assign(deliveries, journal.deliveries)
  }
  const shards = journals.map(({ name, backlog }, shard): ShardStats => {
    const { rows, bytes, oldestReceivedAt, setAside } = backlog
    return {
      shard,
      journal: name ?? null,
      backlogRows: rows,
      backlogBytes: bytes,
      oldestAgeMs: oldestReceivedAt === undefined ? null : nowMs - oldestReceivedAt,
      setAsideRows: setAside,
    }
  })
  return {
    sources: tally.sources,
    deliveries: Object.fromEntries(
      Object.entries(deliveries).map(([source, totals]) => [
        source,
        {
          ...totals,
          duplicated: totalsOf(tally, source).duplicates,
          missing: totals.created - totals.received,
        },
      ]),
    ),
    shards,
    operations: tally.operations,
  }
}

/** Makes the account of deliveries current; else it is as old as the last drain. */
export async function accountDeliveries(
  env: CollectorEnv,
  { shards }: ResolvedConfig,
): Promise<void> {
  await Promise.all(allJournals(env, shards).map((journal) => journal.accountDeliveries()))
}

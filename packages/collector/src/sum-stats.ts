import { allJournals } from './adapters/journal-stubs.ts'
import { allProfiles } from './adapters/profile-stubs.ts'
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
  /** Rows that the profiles do not have yet, and days of the lake that they have to read for rows that are gone. */
  unprofiledRows: number
  unprofiledDays: number
}

/** One shard of the profiles. */
interface ProfileShardStats {
  shard: number
  /** Events taken in. */
  events: number
  /** Messages that wait for other shards. */
  outgoingRows: number
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
  profiles: ProfileShardStats[]
  operations: Operations & ProfileOperations
}

/** Billed operations of the profiles. */
interface ProfileOperations {
  profileCalls: number
  profileRowsWritten: number
}

/** Sums up what the journals count. Every configured source is there, also one that nothing was sent to. */
export async function sumStats(
  env: CollectorEnv,
  config: ResolvedConfig,
  nowMs: number,
): Promise<CollectorStats> {
  const [journals, profiles] = await Promise.all([
    Promise.all(allJournals(env, config.shards).map((journal) => journal.stats())),
    Promise.all(allProfiles(env, config.profileShards).map((shard) => shard.stats())),
  ])
  const tally = emptyTally()
  for (const { id } of config.sources) totalsOf(tally, id)
  const deliveries: Record<string, StreamTotals> = {}
  for (const journal of journals) {
    addTally(tally, journal.tally)
    Object.assign(deliveries, journal.deliveries)
  }
  const shards = journals.map(({ name, backlog }, shard): ShardStats => {
    const { rows, bytes, oldestReceivedAt, setAside, unprofiled, owed } = backlog
    return {
      shard,
      journal: name ?? null,
      backlogRows: rows,
      backlogBytes: bytes,
      oldestAgeMs: oldestReceivedAt === undefined ? null : nowMs - oldestReceivedAt,
      setAsideRows: setAside,
      unprofiledRows: unprofiled,
      unprofiledDays: owed,
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
    profiles: profiles.map(({ events, outgoing }, shard) => {
      return { shard, events, outgoingRows: outgoing }
    }),
    operations: {
      ...tally.operations,
      profileCalls: profiles.reduce((sum, { calls }) => sum + calls, 0),
      profileRowsWritten: profiles.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0),
    },
  }
}

/** Makes the account of deliveries current; else it is as old as the last drain. */
export async function accountDeliveries(
  env: CollectorEnv,
  { shards }: ResolvedConfig,
): Promise<void> {
  await Promise.all(allJournals(env, shards).map((journal) => journal.accountDeliveries()))
}

import type { ShardStats, StatsAnswer } from '@tributary/protocol'
import { allJournals } from './adapters/journal-stubs.ts'
import { allProfiles } from './adapters/profile-stubs.ts'
import type { ResolvedConfig } from './config.ts'
import type { StreamTotals } from './core/stream-counts.ts'
import type { CollectorEnv } from './env.ts'
import { addTally, emptyTally, type Operations, totalsOf } from './stores/tally.ts'

/** What `/api/stats` and `/metrics` tell, each in its own form. */
export interface CollectorStats extends StatsAnswer {
  operations: Record<keyof Operations | keyof ProfileOperations, number>
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

import { profilesOf } from '../adapters/profile-stubs.ts'
import type { CollectorEnv } from '../env.ts'
import { feedDay } from '../feed-from-lake.ts'
import { runningConfig } from '../running-config.ts'
import type { Ledger } from './ledger.ts'
import { type FeedRow, feedRequests } from './profile-feed.ts'

/**
 * Feeds each shard of the profiles its part of a journal's rows, all at once. Without profiles there is nothing to wait for.
 *
 * @returns Up to which row the profiles have the journal: `through`.
 * @throws Error when a shard refuses.
 */
export async function feedShards(
  env: CollectorEnv,
  journal: string,
  rows: readonly FeedRow[],
  through: number,
): Promise<number> {
  if (!env.PROFILES) return through
  const { rules, profileShards } = runningConfig()
  const requests = feedRequests(rows, { journal, through }, profileShards, rules)
  await Promise.all(requests.map((request) => profilesOf(env, request.shard)?.feed(request)))
  return through
}

/** Reads days again from the lake of which rows went before the profiles had them. */
export async function feedOwed(env: CollectorEnv, ledger: Ledger): Promise<void> {
  const { profileShards, rules } = runningConfig()
  for (const day of ledger.state.owed) {
    const [source = '', date = ''] = day.split('/')
    await feedDay(env, { profileShards, rules }, { source, date })
    const owed = ledger.state.owed.filter((other) => other !== day)
    ledger.change({ owed })
  }
}

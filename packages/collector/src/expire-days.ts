import { allJournals } from './adapters/journal-stubs.ts'
import { deleteFolder, listDates } from './adapters/lake.ts'
import { allProfiles } from './adapters/profile-stubs.ts'
import type { ResolvedConfig } from './config.ts'
import { dayFolder, ERASED, manifestKey } from './core/lake-key.ts'
import type { CollectorEnv } from './env.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Folders of the lake that a source has, each by date. */
const FOLDERS = ['events', 'quarantine', ERASED] as const

/**
 * Deletes what is older than its source keeps it: whole days of the lake, and what journals and profiles have of them. A day goes
 * once all of it is old enough. Repeating it does no harm.
 *
 * @returns Days that were deleted.
 * @throws Error when the lake or a journal refuses; the next call goes on.
 */
export async function expireDays(
  env: CollectorEnv,
  config: ResolvedConfig,
  nowMs: number,
): Promise<number> {
  let days = 0
  for (const { id, retentionDays } of config.sources) {
    if (retentionDays === undefined) continue
    const first = new Date(nowMs - retentionDays * DAY_MS).toISOString().slice(0, 10)
    for (const journal of allJournals(env, config.shards)) {
      await journal.expire(id, Date.parse(first))
    }
    days += await expireSource(env.LAKE, id, first)
    // The profiles last: what they forget comes from nowhere again. What takes too long goes on with the next call.
    for (const shard of allProfiles(env, config.profileShards)) await shard.expire(id, first)
  }
  return days
}

async function expireSource(lake: R2Bucket, source: string, first: string): Promise<number> {
  let days = 0
  for (const kind of FOLDERS) {
    const dates = await listDates(lake, kind, source)
    for (const date of dates.filter((day) => day < first)) {
      // Without its manifest the day is what lies there; with one whose files are gone it could not be read.
      if (kind === 'events') await lake.delete(manifestKey(source, date))
      await deleteFolder(lake, dayFolder(kind, source, date))
      days += 1
    }
  }
  return days
}

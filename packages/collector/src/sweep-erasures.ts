import type { JsonObject } from '@tributary/protocol'
import { allJournals } from './adapters/journal-stubs.ts'
import { putLines, sourcesByDate } from './adapters/lake.ts'
import { callPrivacy } from './adapters/privacy-requests.ts'
import { type ProfilesStub, profilesOf } from './adapters/profile-stubs.ts'
import type { ResolvedConfig } from './config.ts'
import { contentHash } from './core/fingerprint.ts'
import { erasedKey, type RecordKind } from './core/lake-key.ts'
import {
  type PrivacyCounts,
  type PrivacyRequest,
  requestOfControl,
} from './core/privacy-request.ts'
import { createFilter, type Removal, type RemovedEvent } from './core/removal.ts'
import type { CollectorEnv } from './env.ts'
import { drainJournals } from './export-events.ts'
import { ERASURES_PER_SWEEP } from './limits.ts'
import { emptyLakeRemoval, removeFromDay } from './remove-from-lake.ts'

type Erasures = Awaited<ReturnType<ProfilesStub['erasures']>>['items']

/** A day of a source in the lake. */
export interface LakeDay {
  kind: RecordKind
  source: string
  date: string
}

/**
 * Takes the events out of journals and lake that the profiles have erased since the last time, early or late arrivals, and
 * leaves their skeletons. Every step may be repeated, and nothing is forgotten before all are done.
 *
 * @param open Requests under way; counted up in place.
 * @returns Whether there were any.
 * @throws Error when a journal or the lake refuses; call it again.
 */
export async function sweepErasures(
  env: CollectorEnv,
  config: ResolvedConfig,
  open: readonly PrivacyRequest[],
  now: () => number,
): Promise<boolean> {
  let hasSwept = false
  for (let shard = 0; shard < config.profileShards; shard++) {
    const profiles = profilesOf(env, shard)
    if (!profiles) continue
    for (;;) {
      const { items, through } = await profiles.erasures(0, ERASURES_PER_SWEEP)
      if (items.length === 0) break
      await keepSkeletons(env, shard, items)
      const removal = { events: items.map(toRemoved), refused: [], suppressed: [] }
      const days = daysOf(items)
      const counts = await removeEverywhere(env, config, removal, days, now)
      await countErasures(env, shard, items, counts, open)
      await profiles.erasuresDone(through)
      hasSwept = true
    }
  }
  return hasSwept
}

function toRemoved({ source, messageId, skeleton }: Erasures[number]): RemovedEvent {
  const [[, lead] = []] = skeleton.ids as [string, string][]
  return { source, messageId, lead: lead ?? '' }
}

function daysOf(items: Erasures): LakeDay[] {
  const days = new Map(
    items.map(({ source, date }) => [
      `${source}/${date}`,
      { kind: 'events' as const, source, date },
    ]),
  )
  return [...days.values()]
}

/** Before the events go: who reads the lake must find either of the two. */
async function keepSkeletons(env: CollectorEnv, shard: number, items: Erasures): Promise<void> {
  const days = Map.groupBy(items, ({ source, date }) => `${source}\n${date}`)
  for (const group of days.values()) {
    const [first, last] = [group[0], group.at(-1)]
    if (!first || !last) continue
    const lines = group.map(({ skeleton }) => JSON.stringify(skeleton satisfies JsonObject))
    const digest = contentHash(lines).toHex()
    const key = erasedKey(first.source, first.date, shard, first.seq, last.seq, digest)
    await putLines(env.LAKE, key, lines)
  }
}

/** Takes records out of all journals, and of these days of the lake, in this order: what is drained in between is in the lake by then. */
export async function removeEverywhere(
  env: CollectorEnv,
  config: ResolvedConfig,
  removal: Removal,
  days: readonly LakeDay[],
  now: () => number,
): Promise<Partial<PrivacyCounts>> {
  const counts = { journalRecords: 0, lakeRecords: 0, parquetRecords: 0, quarantineRecords: 0 }
  for (const journal of allJournals(env, config.shards)) {
    const removed = await journal.removeRecords(removal)
    counts.journalRecords += removed.events
    counts.quarantineRecords += removed.quarantineRecords
  }
  await drainJournals(env, config.shards)
  const filter = createFilter(removal, config.rules)
  const removed = emptyLakeRemoval()
  for (const { kind, source, date } of days) {
    await removeFromDay(env.LAKE, kind, source, date, filter, now, removed)
  }
  counts.lakeRecords = removed.lakeEvents
  counts.parquetRecords = removed.parquetEvents
  counts.quarantineRecords += removed.quarantineRecords
  return counts
}

/** Every day of the lake from a date on. */
export async function daysFrom(
  env: CollectorEnv,
  kind: RecordKind,
  date: string,
): Promise<LakeDay[]> {
  const dates = await sourcesByDate(env.LAKE, kind, undefined)
  return dates
    .filter(([day]) => day >= date)
    .flatMap(([day, sources]) => sources.map((source) => ({ kind, source, date: day })))
}

/** Adds to the requests that asked for it, also to those that are done: then these arrived late. */
async function countErasures(
  env: CollectorEnv,
  shard: number,
  items: Erasures,
  counts: Partial<PrivacyCounts>,
  open: readonly PrivacyRequest[],
): Promise<void> {
  const through = items.at(-1)?.seq ?? 0
  const byRequest = Map.groupBy(items, ({ deletedBy }) => requestOfControl(deletedBy))
  for (const [id, erased] of byRequest) {
    if (id === undefined) continue
    const request = open.find((other) => other.id === id) ?? (await callPrivacy(env, 'find', id))
    if (!request) continue
    const known = request.counted[shard] ?? 0
    const news = erased.filter(({ seq }) => seq > known).length
    request.counted[shard] = through
    request.counts.events += news
    if (request.status === 'done') request.counts.lateEvents += news
    // What several requests took out together cannot be told apart by place, and is told of each.
    addCounts(request.counts, counts)
    await callPrivacy(env, 'save', request, request.status !== 'done')
  }
}

/** Adds counts, in place. */
export function addCounts(counts: PrivacyCounts, more: Partial<PrivacyCounts>): void {
  for (const [place, count] of Object.entries(more)) {
    counts[place as keyof PrivacyCounts] += count
  }
}

import type { Rules } from '@tributary/identity'
import { readLines, sourcesByDate } from './adapters/lake.ts'
import { fileLines, readableFiles } from './adapters/lake-files.ts'
import { listLake } from './adapters/lake-objects.ts'
import { profilesOf } from './adapters/profile-stubs.ts'
import type { CollectorEnv } from './env.ts'
import { MAX_FEED_LENGTH } from './limits.ts'
import { feedRequests } from './stores/profile-feed.ts'

/** What of the configuration matters here. */
interface ProfileConfig {
  profileShards: number
  rules: Rules
}

/** A day of a source in the lake. */
export interface LakeDay {
  source: string
  date: string
}

/** Where skeletons of erased events lie, which stand in for events that the lake no longer has. */
const ERASED_PREFIX = 'erased/'

/**
 * Feeds the profiles from the lake, day by day, until the time is up: profiles that are empty, or have missed some. What they
 * have already changes nothing.
 *
 * @param after The last day that was fed; from the first one without it.
 * @returns The last day that was fed now; `undefined` when there are no more.
 */
export async function feedFromLake(
  env: CollectorEnv,
  config: ProfileConfig,
  after: LakeDay | undefined,
  isTimeUp: () => boolean,
): Promise<LakeDay | undefined> {
  // The skeletons first: what the lake has lost to an erasure must not look as if it had never been.
  if (!after) await feedSkeletons(env, config)
  const days = (await sourcesByDate(env.LAKE, 'events', undefined))
    .flatMap(([date, sources]) => sources.map((source) => ({ source, date })))
    .sort((a, b) => compareDays(a, b))
    .filter((day) => !after || compareDays(day, after) > 0)
  for (const [index, day] of days.entries()) {
    await feedDay(env, config, day)
    if (isTimeUp() && index < days.length - 1) return day
  }
  return undefined
}

function compareDays(a: LakeDay, b: LakeDay): number {
  const [one, other] = [`${a.date}/${a.source}`, `${b.date}/${b.source}`]
  return one < other ? -1 : Number(one > other)
}

/** Feeds the profiles all that the lake has of one day of a source. */
export async function feedDay(
  env: CollectorEnv,
  config: ProfileConfig,
  { source, date }: LakeDay,
): Promise<void> {
  for (const file of await readableFiles(env.LAKE, 'events', source, date)) {
    for await (const lines of fileLines(env.LAKE, file)) await feedLines(env, config, lines)
  }
}

async function feedSkeletons(env: CollectorEnv, config: ProfileConfig): Promise<void> {
  let cursor: string | undefined
  do {
    const page = await listLake(env.LAKE, ERASED_PREFIX, cursor)
    for (const { key } of page.objects) {
      await feedLines(env, config, await readLines(env.LAKE, key))
    }
    cursor = page.cursor ?? undefined
  } while (cursor)
}

async function feedLines(
  env: CollectorEnv,
  { profileShards, rules }: ProfileConfig,
  lines: readonly string[],
): Promise<void> {
  let part: string[] = []
  let length = 0
  const send = async () => {
    const events = new TextEncoder().encode(part.join('\n')).buffer as ArrayBuffer
    part = []
    length = 0
    const requests = feedRequests([{ seq: 1, events }], undefined, profileShards, rules)
    await Promise.all(requests.map((request) => profilesOf(env, request.shard)?.feed(request)))
  }
  for (const line of lines) {
    part.push(line)
    length += line.length
    if (length > MAX_FEED_LENGTH) await send()
  }
  await send()
}

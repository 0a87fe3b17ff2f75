import { allJournals } from './adapters/journal-stubs.ts'
import { sourcesByDate } from './adapters/lake.ts'
import { readManifest } from './adapters/lake-files.ts'
import { type CompactionReport, compactDay, type DayOutcome, emptyReport } from './compact-day.ts'
import type { ResolvedConfig } from './config.ts'
import type { CollectorEnv } from './env.ts'
import { drainJournals } from './export-events.ts'
import {
  COMPACTION_GRACE_MS,
  CRON_COMPACTION_DAYS,
  DAY_CLOSE_MS,
  MAX_COMPACTION_MS,
} from './limits.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** What a compaction is asked to do. */
export interface CompactionOrder {
  /** Default: every source. */
  source?: string | undefined
  /** UTC date of arrival, which may be the day that is not over yet. Default: every closed day. */
  date?: string | undefined
  /** Time to leave readers before what was replaced is deleted. */
  graceMs: number
}

/** What it did, day by day and in all. */
export interface CompactionResult extends CompactionReport {
  /** `unfinished`: the time was up. */
  days: { source: string; date: string; outcome: DayOutcome | 'unfinished' }[]
  /** Whether another call would go on at once. */
  more: boolean
}

/**
 * Compacts what is asked for, oldest day first, until it is done or the time is up. The journals are drained first, so
 * that a closed day is complete; what reaches a day later goes into a further file of it.
 *
 * @param now Milliseconds since 1970.
 * @throws Error when the journals cannot be drained or the lake refuses.
 */
export async function compactLake(
  env: CollectorEnv,
  shards: number,
  order: CompactionOrder,
  now: () => number,
): Promise<CompactionResult> {
  await drainJournals(env, shards)
  const deadline = now() + MAX_COMPACTION_MS
  const result: CompactionResult = { ...emptyReport(), days: [], more: false }
  for (const { source, date } of await daysOf(env.LAKE, order, now())) {
    if (now() >= deadline) {
      result.more = true
      break
    }
    const steps = compactDay(env.LAKE, source, date, order.graceMs, now, result)
    const outcome = await runUntil(steps, () => now() >= deadline)
    result.days.push({ source, date, outcome })
    if (outcome === 'unfinished' || outcome === 'conflict') result.more = true
  }
  await countOperations(env, result)
  return result
}

/**
 * The cron's share: the last closed days of the configured sources, less those that are settled. Where nothing is to be
 * done it reads one small object for each of them.
 */
export async function compactClosedDays(
  env: CollectorEnv,
  config: ResolvedConfig,
  now: () => number,
): Promise<void> {
  const last = lastClosedDay(now())
  const open: { source: string; date: string }[] = []
  for (let back = CRON_COMPACTION_DAYS - 1; back >= 0; back--) {
    const date = dateOf(Date.parse(last) - back * DAY_MS)
    for (const { id: source } of config.sources) {
      const { manifest } = await readManifest(env.LAKE, source, date)
      if (!manifest?.settled) open.push({ source, date })
    }
  }
  if (open.length === 0) return
  await drainJournals(env, config.shards)
  const deadline = now() + MAX_COMPACTION_MS
  const report = emptyReport()
  for (const { source, date } of open) {
    if (now() >= deadline) break
    const steps = compactDay(env.LAKE, source, date, COMPACTION_GRACE_MS, now, report)
    await runUntil(steps, () => now() >= deadline)
  }
  await countOperations(env, report)
}

/** The journals keep the sums; one of them takes these, which are no shard's. */
async function countOperations(
  env: CollectorEnv,
  { lakeWrites, lakeReads }: CompactionReport,
): Promise<void> {
  const [journal] = allJournals(env, 1)
  await journal?.countOperations({ compactionA: lakeWrites, compactionB: lakeReads })
}

async function runUntil(
  steps: AsyncGenerator<void, DayOutcome>,
  isTimeUp: () => boolean,
): Promise<DayOutcome | 'unfinished'> {
  for (;;) {
    const step = await steps.next()
    if (step.done) return step.value
    if (isTimeUp()) return 'unfinished'
  }
}

async function daysOf(
  bucket: R2Bucket,
  { source, date }: CompactionOrder,
  nowMs: number,
): Promise<{ source: string; date: string }[]> {
  if (source !== undefined && date !== undefined) return [{ source, date }]
  const last = lastClosedDay(nowMs)
  const days = (await sourcesByDate(bucket, 'events', source)).reverse()
  return days
    .filter(([day]) => (date === undefined ? day <= last : day === date))
    .flatMap(([day, sources]) => sources.map((id) => ({ source: id, date: day })))
}

/** The last date whose events are all in. */
function lastClosedDay(nowMs: number): string {
  return dateOf(nowMs - DAY_CLOSE_MS - DAY_MS)
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

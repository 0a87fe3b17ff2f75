import { inTime } from '../adapters/deadline.ts'
import { putObject } from '../adapters/lake.ts'
import {
  MAX_ACCOUNT_LAG_BYTES,
  MAX_DRAIN_BYTES,
  MAX_PROFILE_LAG_BYTES,
  PROFILE_FEED_TIMEOUT_MS,
} from '../limits.ts'
import { type DeliveryReport, deliveryNews } from './deliveries.ts'
import type { HeldRows } from './held-rows.ts'
import type { RowSummary } from './journal-sql.ts'
import type { JournalState } from './journal-state.ts'
import { groupForLake } from './lake-objects.ts'
import type { Ledger } from './ledger.ts'
import type { FeedRow } from './profile-feed.ts'

/** Where a drain takes the rows. */
export interface DrainTargets {
  lake: R2Bucket
  /** Feeds the profiles; tells up to which row they have this journal's. */
  feed(journal: string, rows: FeedRow[], through: number): Promise<number>
  /** Reports to the journal that keeps the account; tells how far that has this journal's rows. */
  report(report: DeliveryReport): Promise<number>
}

/**
 * Moves one range of rows into the lake and into the account of deliveries: plan, put, release. Cut off anywhere, it
 * repeats from the plan and ends the same: the plan fixes the range, the range fixes keys and content, a put only creates,
 * and the account takes a range once. The lake never waits for the account; rows go when both have them.
 *
 * @throws Error when the lake refuses; everything stays.
 */
export async function drainRange(
  ledger: Ledger,
  held: HeldRows,
  targets: DrainTargets,
): Promise<void> {
  const { name, drainedThrough, setAside } = ledger.state
  const from = drainedThrough + 1
  const to = ledger.state.planTo ?? plan(ledger)
  const { objects, unreadable } = groupForLake(
    ledger.statements.rowsBetween(from, to),
    name,
    from,
    to,
  )
  for (const object of objects) {
    ledger.unsaved.operations.lakePuts += 1
    await putObject(targets.lake, object)
  }
  if (unreadable.length > 0) {
    // biome-ignore lint/suspicious/noConsole: nothing else tells which rows they are
    console.error(`The journal ${name} cannot read its rows ${unreadable}; they are set aside.`)
  }
  const accountedThrough = await accountRows(ledger, to, targets)
  const profiled = await profileRows(ledger, to, targets)
  release(ledger, held, {
    drainedThrough: to,
    accountedThrough,
    ...profiled,
    setAside: [...setAside, ...unreadable],
    planTo: undefined,
  })
}

/** Fixes the range of the next drain, durably: the output gate holds the first put back until it is. */
function plan(ledger: Ledger): number {
  const { drainedThrough } = ledger.state
  let bytes = 0
  let to = drainedThrough
  for (const row of ledger.statements.summaries()) {
    if (row.seq <= drainedThrough) continue
    bytes += row.bytes
    to = row.seq
    if (bytes >= MAX_DRAIN_BYTES) break
  }
  if (to > drainedThrough) ledger.change({ planTo: to })
  return to
}

/**
 * Reports rows to the account of deliveries. It is a statistic: after too long a wait they go without.
 *
 * @returns Up to which row the account has them.
 */
export async function accountRows(
  ledger: Ledger,
  to: number,
  targets: Pick<DrainTargets, 'report'>,
): Promise<number> {
  const { name: journal, accountedThrough: after } = ledger.state
  if (after >= to) return after
  const rows = [...ledger.statements.summaries()].filter(({ seq }) => seq > after && seq <= to)
  const report = { journal, after, through: to, news: deliveryNews(rows) }
  if (report.news.size === 0) return to
  try {
    return await targets.report(report)
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: nothing else tells why deliveries are behind
    console.error('The account of deliveries could not be reached.', error)
    return ledger.backlogBytes > MAX_ACCOUNT_LAG_BYTES ? to : after
  }
}

/**
 * Feeds rows to the profiles. They may be behind, and then the rows wait for them; after too long a wait the rows go, and
 * their days are read from the lake once the profiles answer again.
 */
async function profileRows(
  ledger: Ledger,
  to: number,
  targets: Pick<DrainTargets, 'feed'>,
): Promise<Pick<JournalState, 'profiledThrough' | 'owed'>> {
  const { name, profiledThrough: after, owed } = ledger.state
  if (after >= to) return { profiledThrough: after, owed }
  const rows = [...ledger.statements.rowsBetween(after + 1, to)]
  try {
    const fed = targets.feed(name, rows, to)
    const profiledThrough = await inTime(fed, PROFILE_FEED_TIMEOUT_MS, 'They do not answer.')
    return { profiledThrough, owed }
  } catch (error) {
    // biome-ignore lint/suspicious/noConsole: nothing else tells why profiles are behind
    console.error('The profiles could not be reached.', error)
  }
  if (ledger.backlogBytes <= MAX_PROFILE_LAG_BYTES) return { profiledThrough: after, owed }
  const days = rows.map(
    ({ source, firstReceivedAt }) =>
      `${source}/${new Date(firstReceivedAt).toISOString().slice(0, 10)}`,
  )
  return { profiledThrough: to, owed: [...new Set([...owed, ...days])] }
}

/** Lets go of the rows that lake, account and profiles have. */
function release(
  ledger: Ledger,
  held: HeldRows,
  reached: Pick<
    JournalState,
    'drainedThrough' | 'accountedThrough' | 'profiledThrough' | 'owed' | 'setAside' | 'planTo'
  >,
): void {
  const last = Math.min(reached.drainedThrough, reached.accountedThrough, reached.profiledThrough)
  const gone: RowSummary[] = []
  for (const row of ledger.statements.summaries()) {
    if (row.seq > last) break
    if (!reached.setAside.includes(row.seq)) gone.push(row)
  }
  held.hold(ledger.statements, gone, Date.now())
  ledger.release(gone, reached)
}

/**
 * Tries again the rows that were set aside: the code that could not read them may have been mended since. Each gets an
 * object of its own, under a name of its own: compaction takes a journal's objects in the order of their rows, and this
 * row comes after others that may be compacted already.
 */
export async function retrySetAside(ledger: Ledger, held: HeldRows, lake: R2Bucket): Promise<void> {
  for (const seq of ledger.state.setAside) {
    const rows = ledger.statements.rowsBetween(seq, seq)
    const { objects, unreadable } = groupForLake(rows, `${ledger.state.name}-row${seq}`, seq, seq)
    if (unreadable.length > 0) continue
    for (const object of objects) {
      ledger.unsaved.operations.lakePuts += 1
      await putObject(lake, object)
    }
    // A drain may be under way: what it has planned stands.
    const { drainedThrough, accountedThrough, profiledThrough, owed, setAside, planTo } =
      ledger.state
    release(ledger, held, {
      drainedThrough,
      accountedThrough,
      profiledThrough,
      owed,
      planTo,
      setAside: setAside.filter((other) => other !== seq),
    })
  }
}

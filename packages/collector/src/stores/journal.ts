import { DurableObject } from 'cloudflare:workers'
import type { SeriesRange } from '@tributary/protocol'
import { journalOf } from '../adapters/journal-stubs.ts'
import type { RecordKind } from '../core/lake-key.ts'
import type { ListingBounds } from '../core/newest.ts'
import type { RecordFilter } from '../core/record.ts'
import { createFilter, type Removal } from '../core/removal.ts'
import type { Sums } from '../core/series.ts'
import type { CollectorEnv } from '../env.ts'
import {
  DRAIN_INTERVAL_MS,
  EARLY_DRAIN_BYTES,
  GROUP_COMMIT_MS,
  MAX_BACKLOG_BYTES,
  MAX_DRAIN_RETRY_MS,
} from '../limits.ts'
import { runningConfig } from '../running-config.ts'
import { type AppendAnswer, type AppendRequest, countPicked, pickNew } from './append.ts'
import { ACCOUNT_SHARD, type DeliveryReport } from './deliveries.ts'
import { accountRows, type DrainTargets, drainRange, retrySetAside } from './drain.ts'
import { feedOwed, feedShards } from './feed-shards.ts'
import { Group } from './group.ts'
import { createHeldRows, type HeldRows } from './held-rows.ts'
import { type JournalStats, Ledger } from './ledger.ts'
import { createPrivacyStore, type PrivacyStore } from './privacy-store.ts'
import { type JournalListing, type JournalTail, listRows, tailRows } from './reads.ts'
import { expireRows, type RowRemoval, removeFromRows } from './remove-rows.ts'
import { scrub } from './scrub.ts'
import { type Operations, totalsOf } from './tally.ts'

/**
 * One shard of the journal: makes records durable, counts each once, and drains them into the lake.
 *
 * A reply leaves only after the rows written before it are durable (the platform's output gate), so a caller
 * that has one may acknowledge.
 */
export class Journal extends DurableObject<CollectorEnv> {
  #ledger: Ledger
  #held: HeldRows
  /** What waits for the next commit, and the promise of that. */
  #group = new Group()
  #commit: Promise<void> | undefined
  /** When the alarm is set for; so the next append need not write one. */
  #alarmAt: number | undefined
  #drainFailures = 0
  #draining: Promise<void> | undefined
  #scrubbing: Promise<void> | undefined
  #privacy: PrivacyStore | undefined
  #leasedUntilMs = 0
  /** The shard's number, as far as it is known yet: it is part of the journal's name. */
  #shard = ACCOUNT_SHARD

  constructor(ctx: DurableObjectState, env: CollectorEnv) {
    super(ctx, env)
    this.#ledger = new Ledger(ctx, () => `${this.#shard}-${randomName()}`)
    this.#held = createHeldRows(this.#ledger.state.drainedThrough)
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await this.#usableAlarm()
      this.#arm(DRAIN_INTERVAL_MS)
    })
  }

  /** Keeps what is new in the request, in its order: all of it or nothing. Answers once it is written. */
  async append(request: AppendRequest): Promise<AppendAnswer> {
    this.#ledger.count({ requests: request.requests, journalCalls: 1 })
    if (this.#ledger.backlogBytes > MAX_BACKLOG_BYTES) return { ok: false, reason: 'backlog_full' }

    this.#shard = request.shard
    const picked = pickNew(request, this.#ledger.dedupe, this.#ledger.clocks)
    if (picked.prints.length > 0 || request.endedStreams.length > 0) {
      this.#group.add(request, picked)
      this.#commit ??= scheduler.wait(GROUP_COMMIT_MS).then(() => this.#writeGroup())
    } else countPicked(picked, totalsOf(this.#ledger.unsaved, request.source))
    // A repeat waits too: it may be one of an event that is only about to be written.
    await this.#commit
    return { ok: true, outcomes: picked.outcomes }
  }

  /** One commit for all that has gathered. If it fails, every append in it does. */
  #writeGroup(): void {
    const group = this.#group
    this.#group = new Group()
    this.#commit = undefined
    this.#ledger.insert(group.rows(), group.tally)
    void this.#noteLatency(group.arrivals)
    this.#arm(DRAIN_INTERVAL_MS)
  }

  /** Notes how long requests have waited once their rows are on disk, which is when their answers leave. */
  async #noteLatency(arrivals: readonly number[]): Promise<void> {
    try {
      await this.ctx.storage.sync()
      this.#ledger.countLatency(arrivals)
    } catch {
      // The platform then starts the journal anew, and the callers hear of it.
    }
  }

  /** What happened over time. */
  series(range: SeriesRange): Record<string, Sums> {
    this.#ledger.count({ journalCalls: 1 })
    return this.#ledger.series(range)
  }

  /** The newest records that match and are not in the lake yet. */
  list(kind: RecordKind, filter: RecordFilter, bounds: ListingBounds): JournalListing {
    this.#ledger.count({ journalCalls: 1 })
    return listRows(this.#ledger, kind, filter, bounds)
  }

  /**
   * The events appended after row `after`, whether or not they have been drained since; without it none, and where to
   * begin. Call it again with the answer's `through`, at least every few seconds.
   */
  readTail(after: number | undefined): JournalTail {
    this.#ledger.count({ journalCalls: 1 })
    return tailRows(this.#ledger, this.#held, after, Date.now())
  }

  /** Counts since the beginning, and the backlog. */
  stats(): JournalStats {
    this.#ledger.count({ journalCalls: 1 })
    return this.#ledger.stats()
  }

  /** Takes records out of all rows, whether or not they are drained. */
  async removeRecords(removal: Removal): Promise<RowRemoval> {
    this.#ledger.count({ journalCalls: 1 })
    await this.#commit
    return removeFromRows(this.#ledger, this.#held, createFilter(removal, runningConfig().rules))
  }

  /** Empties what is left of a source from before a time (ms). */
  expire(source: string, beforeMs: number): void {
    this.#ledger.count({ journalCalls: 1 })
    expireRows(this.#ledger, source, beforeMs)
  }

  /** Writes over what the database has let go. */
  async scrub(): Promise<void> {
    this.#ledger.count({ journalCalls: 1 })
    this.#scrubbing ??= scrub(this.ctx.storage).finally(() => {
      this.#scrubbing = undefined
    })
    await this.#scrubbing
  }

  /** Counts events that were acknowledged and are not kept. */
  countSuppressed(source: string, events: number): void {
    this.#ledger.count({ journalCalls: 1 })
    const totals = totalsOf(this.#ledger.unsaved, source)
    totals.suppressed = (totals.suppressed ?? 0) + events
  }

  /** Requests of privacy; kept by the one journal that keeps the account of deliveries too. */
  privacy<Name extends keyof PrivacyStore>(
    name: Name,
    ...parameters: Parameters<PrivacyStore[Name]>
  ): ReturnType<PrivacyStore[Name]> {
    this.#ledger.count({ journalCalls: 1 })
    this.#privacy ??= createPrivacyStore(this.ctx.storage.sql)
    const call = this.#privacy[name] as (...all: unknown[]) => ReturnType<PrivacyStore[Name]>
    return call(...parameters)
  }

  /** Lets one caller at a time carry requests out. @returns Whether it may, and for so long. */
  takeLease(forMs: number): boolean {
    if (Date.now() < this.#leasedUntilMs) return false
    this.#leasedUntilMs = Date.now() + forMs
    return true
  }

  /** Lets the next one begin. */
  endLease(): void {
    this.#leasedUntilMs = 0
  }

  /** Adds operations that were made elsewhere on the journals' behalf. */
  countOperations(more: Partial<Operations>): void {
    this.#ledger.count(more)
  }

  /** Takes what was appended before the call into the account of deliveries, without waiting for a drain. */
  async accountDeliveries(): Promise<void> {
    this.#ledger.count({ journalCalls: 1 })
    await this.#commit
    const accountedThrough = await accountRows(this.#ledger, this.#ledger.lastSeq, this.#targets)
    if (accountedThrough > this.#ledger.state.accountedThrough) {
      this.#ledger.change({ accountedThrough })
    }
  }

  /**
   * Takes a journal's rows into the account of deliveries, once.
   *
   * @returns How far the account has that journal's rows: where to go on from, whether or not this call added any.
   */
  takeDeliveries(report: DeliveryReport): number {
    this.#ledger.count({ journalCalls: 1 })
    const known = this.#ledger.state.accounted[report.journal] ?? 0
    if (known > report.after) return known
    this.#ledger.account(report)
    return report.through
  }

  /**
   * Drains until everything appended before the call is in the lake.
   *
   * @throws Error when the lake refuses; the rows stay, and the alarm goes on trying.
   */
  async drainAll(): Promise<void> {
    this.#ledger.count({ journalCalls: 1 })
    await this.#commit
    const target = this.#ledger.lastSeq
    while (this.#ledger.state.drainedThrough < target) await this.#drainOnce()
    // Rows that are left wait for the account or the profiles alone.
    const { accountedThrough, profiledThrough } = this.#ledger.state
    if (Math.min(accountedThrough, profiledThrough) < target) await this.#drainOnce()
  }

  /**
   * The same, and until the profiles have taken it as well.
   *
   * @throws Error also when they do not.
   */
  async profileAll(): Promise<void> {
    await this.#commit
    const target = this.#ledger.lastSeq
    await this.drainAll()
    if (this.#ledger.state.profiledThrough < target) await this.#drainOnce()
    if (this.#ledger.state.profiledThrough < target) throw new Error('The profiles are behind.')
    await feedOwed(this.env, this.#ledger)
  }

  /** Sees to it that a backlog has an alarm, whatever has become of the one it had. */
  async tick(): Promise<void> {
    this.#ledger.count({ journalCalls: 1 })
    this.#alarmAt = await this.#usableAlarm()
    this.#arm(DRAIN_INTERVAL_MS)
  }

  /**
   * When the alarm is set for, by the platform and not by memory: it gives an alarm up after six failures. One that is
   * further away than any is ever set for comes from a clock that was ahead, and counts for none.
   */
  async #usableAlarm(): Promise<number | undefined> {
    const at = await this.ctx.storage.getAlarm()
    return at === null || at > Date.now() + MAX_DRAIN_RETRY_MS ? undefined : at
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined
    try {
      await this.drainAll()
      await retrySetAside(this.#ledger, this.#held, this.env.LAKE)
      const { drainedThrough, profiledThrough } = this.#ledger.state
      if (profiledThrough >= drainedThrough) await feedOwed(this.env, this.#ledger)
      this.#drainFailures = 0
      if (Object.keys(this.#ledger.unsaved.sources).length > 0) this.#ledger.change({})
    } catch (error) {
      // Thrown on, it would use up one of the alarm's six tries.
      // biome-ignore lint/suspicious/noConsole: the backlog in /api/stats shows it, and only the log can say why
      console.error('The journal could not be drained.', error)
      this.#drainFailures += 1
    }
    this.#arm(Math.min(DRAIN_INTERVAL_MS * 2 ** this.#drainFailures, MAX_DRAIN_RETRY_MS))
  }

  get #targets(): DrainTargets {
    return {
      lake: this.env.LAKE,
      feed: (journal, rows, through) => feedShards(this.env, journal, rows, through),
      report: (report) => journalOf(this.env, ACCOUNT_SHARD).takeDeliveries(report),
    }
  }

  #drainOnce(): Promise<void> {
    this.#draining ??= drainRange(this.#ledger, this.#held, this.#targets).finally(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  /** Sets the alarm where there is a backlog and none is set; only a large backlog moves it forward, which costs a round trip. */
  #arm(delayMs: number): void {
    const { backlogBytes } = this.#ledger
    if (backlogBytes === 0) return
    const isUrgent = backlogBytes > EARLY_DRAIN_BYTES && this.#drainFailures === 0
    const at = Date.now() + (isUrgent ? 0 : delayMs)
    if (this.#alarmAt !== undefined && !(isUrgent && this.#alarmAt > at)) return
    this.#alarmAt = at
    this.#ledger.count({ rowsWritten: 1 })
    void this.ctx.storage.setAlarm(at)
  }
}

/** 64 random bits in hexadecimal. */
function randomName(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16)
}

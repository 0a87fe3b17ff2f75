import { DurableObject } from 'cloudflare:workers'
import { splitBatch } from '@tributary/protocol'
import { putObject, splitLines } from '../adapters/lake.ts'
import type { RecordKind } from '../core/lake-key.ts'
import { keepNewest, type RecordFilter, type StoredRecord, selectNewest } from '../core/record.ts'
import type { CollectorEnv } from '../env.ts'
import {
  DRAIN_INTERVAL_MS,
  EARLY_DRAIN_BYTES,
  MAX_BACKLOG_BYTES,
  MAX_DRAIN_BYTES,
  MAX_DRAIN_RETRY_MS,
  MAX_ROW_BYTES,
} from '../limits.ts'
import {
  type AppendAnswer,
  type AppendRequest,
  countItems,
  type JournalItem,
  pickNew,
  toNdjson,
} from './append.ts'
import {
  type BucketedFingerprint,
  createDedupe,
  type Dedupe,
  packTriples,
  unpackTriples,
} from './dedupe.ts'
import { groupForLake } from './drain.ts'
import { type JournalStatements, journalStatements } from './journal-sql.ts'
import { type JournalState, newState } from './journal-state.ts'
import { addTally, emptyTally, type Tally, totalsOf } from './tally.ts'

/** What a journal holds of a listing, and up to which row the lake has the rest. */
export interface JournalListing {
  name: string
  drainedThrough: number
  /** NDJSON lines, newest first. */
  lines: string[]
}

/** What a journal tells about itself. */
export interface JournalStats {
  /** `undefined` before the first append. */
  name: string | undefined
  tally: Tally
  backlog: { rows: number; bytes: number; oldestReceivedAt: number | undefined }
}

/**
 * One shard of the journal: makes records durable, counts each once, and drains them into the lake.
 *
 * A reply leaves only after the rows written before it are durable (the platform's output gate), so a caller
 * that has one may acknowledge. Appending is synchronous and so never interleaves with itself.
 */
export class Journal extends DurableObject<CollectorEnv> {
  #statements: JournalStatements
  #dedupe: Dedupe
  #state: JournalState | undefined
  #nextSeq = 1
  #backlogBytes = 0
  /** Counted since the last row was written. */
  #unsaved: Tally = emptyTally()
  /** When the alarm is set for; so the next append need not write one. */
  #alarmAt: number | undefined
  #drainFailures = 0
  #draining: Promise<void> | undefined

  constructor(ctx: DurableObjectState, env: CollectorEnv) {
    super(ctx, env)
    this.#statements = journalStatements(ctx.storage.sql, (rows) => {
      this.#unsaved.operations.rowsWritten += rows
    })
    this.#dedupe = createDedupe(this.#statements)
    this.#state = this.#statements.readState()
    this.#nextSeq = (this.#state?.drainedThrough ?? 0) + 1
    for (const row of this.#statements.summaries()) {
      this.#nextSeq = row.seq + 1
      this.#backlogBytes += row.bytes
      for (const fingerprint of unpackTriples(row.fingerprints)) this.#dedupe.remember(fingerprint)
    }
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = (await ctx.storage.getAlarm()) ?? undefined
      if (this.#backlogBytes > 0) this.#arm(DRAIN_INTERVAL_MS)
    })
  }

  /** Keeps what is new among the items, in their order. Synchronous up to the reply: all or nothing. */
  append(request: AppendRequest): AppendAnswer {
    this.#unsaved.operations.requests += request.requests
    this.#unsaved.operations.journalCalls += 1
    if (this.#backlogBytes > MAX_BACKLOG_BYTES) return { ok: false, reason: 'backlog_full' }

    const { outcomes, fresh } = pickNew(request.items, this.#dedupe)
    const repeats = outcomes.filter((outcome) => outcome === 'duplicate').length
    totalsOf(this.#unsaved, request.source).duplicates += repeats
    if (fresh.length > 0) this.#insert(request, fresh)
    if (fresh.length > 0 || repeats > 0) this.#arm(DRAIN_INTERVAL_MS)
    return { ok: true, outcomes }
  }

  /** One row, unless a row would exceed the platform's limit; then several, all or none. */
  #insert({ shard, source, receivedAt }: AppendRequest, items: readonly JournalItem[]): void {
    const state = this.#state ?? newState(`${shard}-${randomName()}`)
    let seq = this.#nextSeq
    let bytes = 0
    const limits = { maxEvents: items.length, maxBytes: MAX_ROW_BYTES }
    this.ctx.storage.transactionSync(() => {
      if (!this.#state) this.#statements.writeState(state)
      // No UTF-16 unit takes more than three bytes of UTF-8, so this never measures a row too small.
      for (const batch of splitBatch(items, (item) => item.line.length * 3, limits)) {
        const events = toNdjson(batch.filter((item) => item.quarantineCode === undefined))
        const quarantine = toNdjson(batch.filter((item) => item.quarantineCode !== undefined))
        this.#statements.insertRow({
          seq,
          source,
          receivedAt,
          events,
          quarantine,
          fingerprints: packTriples(batch.map((item) => item.fingerprint)),
          tally: this.#takeTally(source, batch),
        })
        seq += 1
        bytes += events.byteLength + quarantine.byteLength
      }
    })
    this.#state = state
    this.#nextSeq = seq
    this.#backlogBytes += bytes
    for (const { fingerprint } of items) this.#dedupe.remember(fingerprint)
  }

  #takeTally(source: string, items: readonly JournalItem[]): string {
    countItems(items, totalsOf(this.#unsaved, source))
    const tally = JSON.stringify(this.#unsaved)
    this.#unsaved = emptyTally()
    return tally
  }

  /** The newest undrained records that match. Row by row: a backlog can be larger than what fits in memory as objects. */
  list(kind: RecordKind, filter: RecordFilter, limit: number): JournalListing {
    this.#unsaved.operations.journalCalls += 1
    let newest: StoredRecord[] = []
    for (const row of this.#statements.rowsBackwards()) {
      // All records of a row arrived together, so a row older than the last one kept has nothing to add.
      const last = newest[limit - 1]
      if (last && row.receivedAt < Date.parse(last.receivedAt)) continue
      const lines = splitLines(new TextDecoder().decode(row[kind]))
      newest = keepNewest([...newest, ...selectNewest(lines, filter, limit)], limit)
    }
    return {
      name: this.#state?.name ?? '',
      drainedThrough: this.#state?.drainedThrough ?? 0,
      lines: newest.map((record) => JSON.stringify(record)),
    }
  }

  /** Counts since the beginning, and the backlog. */
  stats(): JournalStats {
    this.#unsaved.operations.journalCalls += 1
    const { tally } = structuredClone(this.#state ?? newState(''))
    let rows = 0
    let oldestReceivedAt: number | undefined
    for (const row of this.#statements.summaries()) {
      rows += 1
      oldestReceivedAt = Math.min(oldestReceivedAt ?? row.receivedAt, row.receivedAt)
      addTally(tally, JSON.parse(row.tally) as Tally)
    }
    addTally(tally, this.#unsaved)
    return {
      name: this.#state?.name,
      tally,
      backlog: { rows, bytes: this.#backlogBytes, oldestReceivedAt },
    }
  }

  /**
   * Drains until everything appended before the call is in the lake.
   *
   * @throws Error when the lake refuses; the rows stay, and the alarm goes on trying.
   */
  async drainAll(): Promise<void> {
    this.#unsaved.operations.journalCalls += 1
    const target = this.#nextSeq - 1
    while ((this.#state?.drainedThrough ?? 0) < target) await this.#drainOnce()
  }

  /** Sees to it that a backlog has an alarm: the platform gives an alarm up after six failures. */
  tick(): void {
    this.#unsaved.operations.journalCalls += 1
    if (this.#backlogBytes > 0) this.#arm(DRAIN_INTERVAL_MS)
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = undefined
    try {
      await this.drainAll()
      this.#drainFailures = 0
      if (this.#state && Object.keys(this.#unsaved.sources).length > 0) this.#saveState(this.#state)
    } catch (error) {
      // Thrown on, it would use up one of the alarm's six tries.
      // biome-ignore lint/suspicious/noConsole: the backlog in /api/stats shows it, and only the log can say why
      console.error('The journal could not be drained.', error)
      this.#drainFailures += 1
    }
    if (this.#backlogBytes > 0) {
      this.#arm(Math.min(DRAIN_INTERVAL_MS * 2 ** this.#drainFailures, MAX_DRAIN_RETRY_MS))
    }
  }

  #drainOnce(): Promise<void> {
    this.#draining ??= this.#drainRange().finally(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  /**
   * Moves one range of rows into the lake: plan, put, commit. Cut off anywhere, it repeats from the plan and
   * ends the same: the plan fixes the range, the range fixes keys and content, and a put only creates.
   */
  async #drainRange(): Promise<void> {
    const state = this.#state
    if (!state) return
    const to = state.planTo ?? this.#plan(state)
    if (to === undefined) return
    const from = state.drainedThrough + 1
    const objects = groupForLake(this.#statements.rowsBetween(from, to), state.name, from, to)
    for (const object of objects) {
      this.#unsaved.operations.lakePuts += 1
      await putObject(this.env.LAKE, object)
    }
    this.#commit(state, to)
  }

  /** Fixes the range of the next drain, durably: the output gate holds the first put back until it is. */
  #plan(state: JournalState): number | undefined {
    let bytes = 0
    for (const row of this.#statements.summaries()) {
      bytes += row.bytes
      state.planTo = row.seq
      if (bytes >= MAX_DRAIN_BYTES) break
    }
    if (state.planTo !== undefined) this.#statements.writeState(state)
    return state.planTo
  }

  #commit(state: JournalState, to: number): void {
    const drained: BucketedFingerprint[] = []
    let bytes = 0
    const { planTo: _, ...next } = structuredClone(state)
    for (const row of this.#statements.summaries()) {
      if (row.seq > to) break
      bytes += row.bytes
      drained.push(...unpackTriples(row.fingerprints))
      addTally(next.tally, JSON.parse(row.tally) as Tally)
    }
    next.drainedThrough = to
    try {
      this.ctx.storage.transactionSync(() => {
        this.#dedupe.store(drained)
        this.#statements.deleteThrough(to)
        this.#saveState(next)
      })
    } catch (error) {
      // Memory may now be ahead of the database; start again from the database.
      this.ctx.abort(`drain commit failed: ${error}`)
    }
    this.#dedupe.forget(drained)
    this.#backlogBytes -= bytes
  }

  /** Writes a state with the unsaved counts added, and takes it over. This write itself is counted after it. */
  #saveState(state: JournalState): void {
    addTally(state.tally, this.#unsaved)
    this.#unsaved = emptyTally()
    this.#statements.writeState(state)
    this.#state = state
  }

  /** Sets the alarm unless it is set; only a large backlog moves it forward, which costs a round trip. */
  #arm(delayMs: number): void {
    const isUrgent = this.#backlogBytes > EARLY_DRAIN_BYTES && this.#drainFailures === 0
    const at = Date.now() + (isUrgent ? 0 : delayMs)
    if (this.#alarmAt !== undefined && !(isUrgent && this.#alarmAt > at)) return
    this.#alarmAt = at
    this.#unsaved.operations.rowsWritten += 1
    void this.ctx.storage.setAlarm(at)
  }
}

/** 64 random bits in hexadecimal. */
function randomName(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16)
}

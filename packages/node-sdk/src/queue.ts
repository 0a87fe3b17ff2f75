import type { TributaryEvent } from '@tributary/protocol'
import { createLanes, type Entry, type Lanes, laneOf } from './core/lanes.ts'
import { timeOfMessageId } from './core/message-ids.ts'
import type { EventReceipt } from './core/receipt.ts'
import type { EventLog, LogRecord } from './event-log.ts'
import type { Platform } from './platform.ts'

/** Most that one reading of the log brings into memory, and most that is parsed in one task. */
const READ_BYTES = 1024 * 1024
/** Share of the memory up to which it counts as free of pressure, and below which it takes from the log again. */
const MARK = 0.5

/** An event on its way into the queue. */
export interface NewEvent {
  messageId: string
  json: string
  bytes: number
  /** Its place in this client's stream. */
  seq: number
  /** The id that keeps its user's events in order. */
  user: string
  receipt: EventReceipt
}

/** A point in the queue that a flush waits for. */
export interface Mark {
  /** The last event in memory that is before it. */
  order: number
  /** The last that is before it and on disk only; -1 where there is none. */
  seq: number
}

/** Whatever comes, and what earlier runs left on disk, read or not. */
export const ALL: Mark = { order: Number.POSITIVE_INFINITY, seq: -1 }

/** What a {@link Queue} works with. */
export interface QueueParts {
  maxBytes: number
  log: EventLog | undefined
  platform: Pick<Platform, 'nowMs' | 'monotonicMs' | 'byteLength'>
  /** This client's stream. */
  stream(): string
  /** An event of an earlier run has come into memory. */
  onRecovered(): void
  /** The log had taken events and could not give them back; `receipts` are of those that someone waits for. */
  onLost(count: number, receipts: readonly EventReceipt[]): void
  /** Events have come from the log. */
  onLoaded(): void
}

/**
 * Events without an outcome: a window of them in memory, in {@link Lanes}, and with a log all of them
 * on disk. Without a log, what does not fit into memory is refused.
 */
export class Queue {
  readonly lanes: Lanes = createLanes()
  readonly #parts: QueueParts
  /** In memory, waiting or under way. */
  #bytes = 0
  #events = 0
  #lastOrder = -1
  /** Events of this client that are on disk only, with the `seq` of the last and of the last that was read back. */
  #onDisk = 0
  #lastSeqOnDisk = -1
  #lastSeqRead = -1
  /** Receipts of those, by `seq`, where someone waits for the outcome. */
  readonly #watched: Map<number, EventReceipt> = new Map()
  readonly #marksOnDisk: Set<Mark> = new Set()
  #isReading = false
  #hasRead = false
  #isClosed = false

  constructor(parts: QueueParts) {
    this.#parts = parts
  }

  /** Events without an outcome: those in memory, and those of this client that are on disk only. */
  get pending(): number {
    return this.#events + this.#onDisk
  }

  /** The order of the last event that came into memory; -1 before the first. */
  get lastOrder(): number {
    return this.#lastOrder
  }

  /** Bytes of the events in memory. */
  get bytes(): number {
    return this.#bytes
  }

  /** More than half of the memory is taken, or events go to the disk only. */
  get isPressed(): boolean {
    return this.#onDisk > 0 || this.#bytes >= this.#parts.maxBytes * MARK
  }

  /** The log has been looked at for events of earlier runs. */
  get hasRead(): boolean {
    return this.#hasRead || !this.#parts.log
  }

  /** Nothing is without an outcome, what earlier runs left included. */
  get #isEmpty(): boolean {
    return this.pending === 0 && this.hasRead && !this.#parts.log?.stats().unread.events
  }

  /** Takes an event in; false where neither memory nor disk has room. */
  add(event: NewEvent): boolean {
    const { log, maxBytes } = this.#parts
    const hasRoom = this.#bytes + event.bytes <= maxBytes
    // While older events are on disk only, newer ones must not overtake them.
    if (log && (this.#onDisk > 0 || !hasRoom)) {
      if (log.append(event.json, false)) {
        this.#addToDisk(event)
        return true
      }
      // Better out of order than lost.
      if (hasRoom) this.#load(event, laneOf(event.user), event.receipt, undefined)
      return hasRoom
    }
    if (!hasRoom) return false
    this.#load(event, laneOf(event.user), event.receipt, log?.append(event.json, true))
    return true
  }

  /** These have their outcome. */
  end(entries: readonly Entry[]): void {
    for (const entry of entries) this.#bytes -= entry.bytes
    this.#events -= entries.length
    const refs = entries.flatMap(({ ref }) => ref ?? [])
    if (refs.length > 0) this.#parts.log?.end(refs)
  }

  /** All that is queued now; {@link Queue.isPast} tells when it has gone. */
  mark(): Mark {
    const mark = { order: this.#lastOrder, seq: this.#onDisk > 0 ? this.#lastSeqOnDisk : -1 }
    if (mark.seq >= 0) this.#marksOnDisk.add(mark)
    return mark
  }

  /** @param oldest The order of the oldest event in memory; Infinity where there is none. */
  isPast(mark: Mark, oldest: number): boolean {
    if (mark === ALL) return this.#isEmpty
    return mark.seq < 0 && oldest > mark.order
  }

  /** Brings events from the log into memory, if it has any that nobody holds, and memory room. */
  refill(): void {
    const { log, maxBytes } = this.#parts
    if (!log || this.#isClosed || this.#isReading || this.#bytes >= maxBytes * MARK) return
    if (this.#hasRead && this.#onDisk === 0 && log.stats().unread.events === 0) return
    this.#isReading = true
    const lastSeq = this.#lastSeqOnDisk
    void log.read(Math.min(READ_BYTES, maxBytes * (1 - MARK))).then((records) => {
      this.#isReading = false
      this.#hasRead = true
      if (this.#isClosed) return
      for (const record of records) this.#take(record)
      if (records.length === 0 && log.stats().unread.events === 0) this.#passed(lastSeq)
      this.#parts.onLoaded()
    })
  }

  /** Closes the log; what has no outcome stays there. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#parts.log?.close()
  }

  #addToDisk({ seq, receipt }: NewEvent): void {
    this.#onDisk++
    this.#lastSeqOnDisk = seq
    if (receipt.callback) this.#watched.set(seq, receipt)
    else {
      receipt.watch = () => {
        const isThere = seq > this.#lastSeqRead
        if (isThere) this.#watched.set(seq, receipt)
        return isThere
      }
    }
  }

  #load(
    event: Pick<NewEvent, 'messageId' | 'json' | 'bytes'>,
    lane: number,
    receipt: EventReceipt | undefined,
    ref: object | undefined,
    ageMs = 0,
  ): void {
    const { messageId, json, bytes } = event
    const queuedAtMs = this.#parts.platform.monotonicMs() - ageMs
    this.#bytes += bytes
    this.#events++
    const order = ++this.#lastOrder
    this.lanes.push({ messageId, json, bytes, lane, order, queuedAtMs, receipt, ref })
  }

  /** Takes a record of the log into memory. */
  #take({ ref, json }: LogRecord): void {
    const { platform, log, stream, onRecovered } = this.#parts
    const event = parseEvent(json)
    if (!event?.messageId) {
      log?.end([ref])
      return
    }
    const { messageId, anonymousId, userId, context } = event
    const madeAtMs = timeOfMessageId(messageId)
    const ageMs = madeAtMs === undefined ? 0 : Math.max(platform.nowMs() - madeAtMs, 0)
    const own = context?.delivery?.stream === stream() ? context.delivery.seq : undefined
    let receipt: EventReceipt | undefined
    if (own === undefined) onRecovered()
    else {
      receipt = this.#watched.get(own)
      this.#watched.delete(own)
      this.#onDisk--
    }
    const bytes = platform.byteLength(json)
    const lane = laneOf(anonymousId ?? userId ?? messageId)
    this.#load({ messageId, json, bytes }, lane, receipt, ref, ageMs)
    if (own !== undefined) this.#read(own)
  }

  /** Of this client's events on disk only, all up to `seq` have come into memory. */
  #read(seq: number): void {
    this.#lastSeqRead = seq
    for (const mark of this.#marksOnDisk) {
      if (mark.seq > seq) continue
      Object.assign(mark, { order: this.#lastOrder, seq: -1 })
      this.#marksOnDisk.delete(mark)
    }
  }

  /** The log has no more; what it should have had, up to `seq`, it has lost. */
  #passed(seq: number): void {
    if (this.#onDisk === 0 || seq < this.#lastSeqOnDisk) return
    const receipts = [...this.#watched.values()]
    this.#parts.onLost(this.#onDisk, receipts)
    this.#onDisk = 0
    this.#watched.clear()
    this.#read(seq)
  }
}

function parseEvent(json: string): TributaryEvent | undefined {
  try {
    return JSON.parse(json) as TributaryEvent
  } catch {
    return undefined
  }
}

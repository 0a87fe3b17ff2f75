import type { Transport, TransportAnswer } from './adapters/http-transport.ts'
import { advance, type Batch, startBatch, takeOut } from './core/batch.ts'
import type { DeliveryError } from './core/errors.ts'
import type { Entry } from './core/lanes.ts'
import { type Judgement, judge, type Settled } from './core/outcome.ts'
import { hurry, type Pace, shrink, slowDown, speedUp, startPace } from './core/pace.ts'
import { failureOf, writeBody } from './core/request.ts'
import { Flushes } from './flushes.ts'
import type { Settings } from './options.ts'
import type { Platform } from './platform.ts'
import type { Mark, Queue } from './queue.ts'

/** Segment's receivers refuse a batch of 500 KB; a little less leaves room for the envelope. */
const MAX_BATCH_BYTES = 480 * 1024

/** A timer or an answer that is late by as much will not come: a Worker's request has ended and taken it along. */
const STRANDED_MS = 5000

/** What a {@link Sender} works with. */
export interface SenderParts {
  queue: Queue
  settings: Pick<
    Settings,
    | 'flushAt'
    | 'flushIntervalMs'
    | 'maxBatchEvents'
    | 'maxEventAgeMs'
    | 'maxInFlight'
    | 'requestTimeoutMs'
  >
  platform: Platform
  transport: Transport
  /** Gets events that have left the queue. Must not call back into the sender before it returns. */
  onSettled(settled: readonly Settled[]): void
  /** Gets each failed attempt. */
  onFailure(error: DeliveryError): void
}

/**
 * Takes the queue's events to the collector, a few requests at a time, each user's in order. The only
 * place that decides when to send and when to send again.
 */
export class Sender {
  readonly #parts: SenderParts
  readonly #flushes: Flushes
  /** Under way, or waiting for another try. */
  readonly #batches: Set<Batch> = new Set()
  #pace: Pace
  #inFlight = 0
  /** Events up to this one are due: they were there when others left. */
  #leftThrough = -1
  #stopped = false
  /** The timer is set for the end of the running task. */
  #isSoon = false
  #timerAtMs = 0
  #cancelTimer: (() => void) | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#flushes = new Flushes(parts.platform)
    this.#pace = startPace(parts.settings.maxBatchEvents)
  }

  /** To be called after each event that has come into memory; cheap. */
  added(): void {
    if (this.#stopped) return
    const { platform, queue, settings } = this.#parts
    const nowMs = platform.monotonicMs()
    if (this.#cancelTimer && nowMs > this.#timerAtMs + STRANDED_MS) {
      this.#wake()
      return
    }
    // The first to wait: the timer, if there is one, is for something else.
    if (queue.lanes.free === 1) this.#setTimerWithin(settings.flushIntervalMs)
    if (this.#isSoon || !this.#isFull() || !this.#hasSlot()) return
    if (nowMs < this.#pace.notBeforeMs) return
    // A full batch, too, leaves through the timer, so that the host's burst of calls runs through first.
    this.#setTimer(0)
    this.#isSoon = true
  }

  /** Events have come from the disk. */
  loaded(): void {
    this.#wake()
  }

  /** Resolves when all up to the mark (what is queued now) has its outcome, or after `timeoutMs`. Keeps the process alive until then. */
  flush(timeoutMs: number, mark: Mark = this.#parts.queue.mark()): Promise<void> {
    const flushed = this.#flushes.add(mark, timeoutMs)
    this.#wake()
    return flushed
  }

  /** Ends the pauses after failures that were the client's own choice: the client is closing. */
  hurry(): void {
    this.#pace = hurry(this.#pace)
    for (const batch of this.#batches) Object.assign(batch, { notBeforeMs: 0, failures: 0 })
  }

  /** Ends the requests in flight, the timer and every flush; what is queued stays there. */
  stop(): void {
    this.#stopped = true
    this.#parts.transport.abort()
    this.#wake()
  }

  /** Sends what is due, and sets the one timer for when something will be. */
  #wake(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#isSoon = false
    if (!this.#stopped) {
      this.#takeBackStranded()
      this.#dropExpired()
      this.#parts.queue.refill()
    }
    if (!this.#flushes.isEmpty) this.#finishFlushes()
    if (this.#stopped) return
    const nowMs = this.#parts.platform.monotonicMs()
    for (let batch = this.#next(nowMs); batch; batch = this.#next(nowMs)) void this.#send(batch)
    const wakeAtMs = this.#nextWakeMs(nowMs)
    if (wakeAtMs < Number.POSITIVE_INFINITY) this.#setTimer(Math.max(wakeAtMs - nowMs, 0))
  }

  /** As the timer, but for one that comes before. */
  #setTimerWithin(delayMs: number): void {
    const leftMs = this.#timerAtMs - this.#parts.platform.monotonicMs()
    if (!this.#cancelTimer || leftMs > delayMs) this.#setTimer(delayMs)
  }

  #setTimer(delayMs: number): void {
    this.#cancelTimer?.()
    this.#timerAtMs = this.#parts.platform.monotonicMs() + delayMs
    this.#cancelTimer = this.#parts.platform.setTimer(() => this.#wake(), delayMs, false)
  }

  /** While all is well several requests may be under way; while nothing gets through, one finds out when that is over. */
  #hasSlot(): boolean {
    return this.#inFlight < (this.#pace.isDown ? 1 : this.#parts.settings.maxInFlight)
  }

  /** What waits makes a request by its number or its bytes. */
  #isFull(): boolean {
    const { lanes } = this.#parts.queue
    return lanes.free >= this.#parts.settings.flushAt || lanes.freeBytes >= MAX_BATCH_BYTES
  }

  /** What may be sent now: what waits for another try first, being older. */
  #next(nowMs: number): Batch | undefined {
    if (!this.#hasSlot() || nowMs < this.#pace.notBeforeMs) return undefined
    const waiting = this.#waiting().filter(({ notBeforeMs }) => notBeforeMs <= nowMs)
    if (waiting.length > 0) return waiting.reduce((a, b) => (orderOf(b) < orderOf(a) ? b : a))
    if (nowMs < this.#dueAtMs(nowMs)) return undefined
    const { queue } = this.#parts
    const isTriggered = (queue.lanes.oldestFree()?.order ?? 0) > this.#leftThrough
    // A burst leaves as a whole, in as many requests as it takes.
    if (isTriggered) this.#leftThrough = queue.lastOrder
    const limits = { maxEvents: this.#pace.maxEvents, maxBytes: MAX_BATCH_BYTES }
    const taken = queue.lanes.take(limits)
    if (!taken) return undefined
    const batch = startBatch(taken)
    this.#batches.add(batch)
    return batch
  }

  #waiting(): Batch[] {
    return [...this.#batches].filter(({ request }) => !request)
  }

  /** When the events in free lanes are to leave, but for pauses. */
  #dueAtMs(nowMs: number): number {
    const { queue, settings } = this.#parts
    const oldest = queue.lanes.oldestFree()
    if (!oldest) return Number.POSITIVE_INFINITY
    const through = Math.max(this.#flushes.through, this.#leftThrough)
    const isDue = this.#isFull() || oldest.order <= through
    return isDue ? nowMs : oldest.queuedAtMs + settings.flushIntervalMs
  }

  #nextWakeMs(nowMs: number): number {
    const waiting = this.#waiting()
    const heads = [...this.#parts.queue.lanes.heads(), ...waiting.map(firstOf)]
    const expiryMs = Math.min(...heads.map(({ queuedAtMs }) => queuedAtMs))
    const sendAtMs = this.#hasSlot()
      ? Math.min(this.#dueAtMs(nowMs), ...waiting.map(({ notBeforeMs }) => notBeforeMs))
      : Number.POSITIVE_INFINITY
    return Math.min(
      Math.max(sendAtMs, this.#pace.notBeforeMs),
      expiryMs + this.#parts.settings.maxEventAgeMs,
    )
  }

  async #send(batch: Batch): Promise<void> {
    const { platform, settings, transport } = this.#parts
    const [sent = []] = batch.parts
    const request = {
      answerByMs: platform.monotonicMs() + settings.requestTimeoutMs + STRANDED_MS,
    }
    batch.request = request
    this.#inFlight++
    const answer = await transport.post(writeBody(sent, platform.nowMs()))
    if (batch.request !== request) return
    this.#answered(batch, answer)
    if (!this.#stopped) this.#wake()
  }

  #answered(batch: Batch, answer: TransportAnswer): void {
    this.#inFlight--
    batch.request = undefined
    if (this.#stopped) return
    const judgement = judge(batch.parts[0] ?? [], answer, this.#parts.platform.nowMs())
    this.#advance(batch, judgement, answer)
    if (batch.parts.length === 0) this.#remove(batch)
    this.#settle(judgement.settled)
    if (judgement.result === 'failed') this.#parts.onFailure(failureOf(answer))
  }

  /** The transport keeps time itself; where its timers have gone as well, only the clock tells. */
  #takeBackStranded(): void {
    const nowMs = this.#parts.platform.monotonicMs()
    for (const batch of this.#batches) {
      if (!batch.request || nowMs <= batch.request.answerByMs) continue
      this.#answered(batch, { status: 0, failure: new Error('the request was cut off') })
    }
  }

  #advance(batch: Batch, judgement: Judgement, answer: TransportAnswer): void {
    const { platform, settings } = this.#parts
    const nowMs = platform.monotonicMs()
    const sentEvents = batch.parts[0]?.length ?? 0
    const step = advance(batch, judgement, {
      nowMs,
      random: platform.random(),
      wasAnswered: answer.status !== 0,
      lastProgressMs: this.#pace.lastProgressMs,
      hasSupposed: [...this.#batches].some(({ aside }) => aside === 'supposed'),
    })
    if (step.aside) this.#batches.add(step.aside)
    if (judgement.result === 'progress') {
      this.#pace = speedUp(this.#pace, settings.maxBatchEvents, nowMs)
    } else if (judgement.result === 'too_large') {
      this.#pace = shrink(this.#pace, sentEvents)
    } else if (step.pauseMs !== undefined) {
      this.#pace = slowDown(this.#pace, nowMs, step.pauseMs, judgement.afterMs ?? 0)
    }
    // What an event is supposed of, the others prove by getting through. If they do not, it may try first again.
    for (const other of this.#batches) {
      if (other.aside !== 'supposed') continue
      if (judgement.result === 'progress') other.aside = 'proved'
      else if (step.pauseMs !== undefined) other.notBeforeMs = this.#pace.notBeforeMs
    }
  }

  #remove(batch: Batch): void {
    this.#batches.delete(batch)
    this.#parts.queue.lanes.release(batch.lanes)
  }

  #settle(settled: readonly Settled[]): void {
    if (settled.length === 0) return
    this.#parts.queue.end(settled.map(({ entry }) => entry))
    this.#parts.onSettled(settled)
  }

  #dropExpired(): void {
    const { queue, settings, platform } = this.#parts
    const oldestMs = platform.monotonicMs() - settings.maxEventAgeMs
    const isExpired = ({ queuedAtMs }: Entry): boolean => queuedAtMs <= oldestMs
    const expired = queue.lanes.shiftWhile(isExpired)
    for (const batch of this.#waiting()) {
      if (!isExpired(firstOf(batch))) continue
      expired.push(...takeOut(batch, isExpired))
      if (batch.parts.length === 0) this.#remove(batch)
    }
    this.#settle(
      expired.map((entry) => ({ entry, outcome: { kind: 'dropped', reason: 'expired' } })),
    )
  }

  #finishFlushes(): void {
    const { queue } = this.#parts
    const heads = [...queue.lanes.heads(), ...[...this.#batches].map(firstOf)]
    const oldest = Math.min(...heads.map(({ order }) => order))
    this.#flushes.finish((mark) => this.#stopped || queue.isPast(mark, oldest))
  }
}

function firstOf(batch: Batch): Entry {
  return (batch.parts[0] as Entry[])[0] as Entry
}

function orderOf(batch: Batch): number {
  return firstOf(batch).order
}

import { classifyAnswer, splitBatch } from '@tributary/protocol'
import type { Transport, TransportAnswer } from './adapters/http-transport.ts'
import { DeliveryError } from './core/errors.ts'
import { judge, type Settled } from './core/outcome.ts'
import { hurry, nextPace, type Pace, startPace } from './core/pace.ts'
import type { Entry, Queue } from './core/queue.ts'
import type { Settings } from './options.ts'
import type { Platform } from './platform.ts'

/** Segment's receivers refuse a batch of 500 KB; a little less leaves room for the envelope. */
const MAX_BATCH_BYTES = 480 * 1024

/** What a {@link Sender} works with. */
export interface SenderParts {
  queue: Queue
  settings: Pick<Settings, 'flushAt' | 'flushIntervalMs' | 'maxEventAgeMs'>
  platform: Platform
  transport: Transport
  /** Gets events that have left the queue. Must not call back into the sender before it returns. */
  onSettled(settled: readonly Settled[]): void
  /** Gets each failed attempt. */
  onFailure(error: DeliveryError): void
}

/** A flush that waits for the event `throughSeq` and all before it. */
interface WaitingFlush {
  throughSeq: number
  finish(): void
}

/**
 * Takes the queue's events to the collector, in order, one request at a time. The only place that
 * decides when to send and when to send again.
 */
export class Sender {
  readonly #parts: SenderParts
  readonly #flushes: Set<WaitingFlush> = new Set()
  #pace: Pace
  /** The last event that was queued, and the last that a flush asked for. */
  #lastSeq = -1
  #flushThroughSeq = -1
  #sending = false
  #stopped = false
  #cancelTimer: (() => void) | undefined

  constructor(parts: SenderParts) {
    this.#parts = parts
    this.#pace = startPace(parts.settings.flushAt)
  }

  /** To be called after each push to the queue; cheap. */
  added(seq: number): void {
    this.#lastSeq = seq
    if (this.#sending || this.#stopped) return
    const { queue, settings } = this.#parts
    // A full batch, too, leaves through the timer, so that the host's burst of calls runs through first.
    if (queue.size === settings.flushAt) this.#setTimer(0)
    else if (!this.#cancelTimer) this.#setTimer(settings.flushIntervalMs)
  }

  /** Resolves when all that is queued now has its outcome, or after `timeoutMs`. Keeps the process alive until then. */
  flush(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const flush: WaitingFlush = {
        throughSeq: this.#lastSeq,
        finish: () => {
          this.#flushes.delete(flush)
          cancelTimeout()
          resolve()
        },
      }
      const cancelTimeout = this.#parts.platform.setTimer(flush.finish, timeoutMs, true)
      this.#flushes.add(flush)
      this.#flushThroughSeq = this.#lastSeq
      this.#wake()
    })
  }

  /** Ends the pause after a failure, if it was the client's own choice: the client is closing. */
  hurry(): void {
    this.#pace = hurry(this.#pace)
  }

  /** Ends the request in flight, the timer and every flush; what is queued stays there. */
  stop(): void {
    this.#stopped = true
    this.#parts.transport.abort()
    this.#wake()
  }

  /** Sends what is due, or sets the one timer for when something will be. */
  #wake(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (!this.#sending && !this.#stopped) this.#dropExpired()
    const { queue, settings, platform } = this.#parts
    const head = queue.head()
    this.#finishFlushes(head)
    if (!head || this.#sending || this.#stopped) return
    const nowMs = platform.monotonicMs()
    const isDue = queue.size >= settings.flushAt || head.seq <= this.#flushThroughSeq
    const dueAtMs = isDue ? nowMs : head.queuedAtMs + settings.flushIntervalMs
    const sendAtMs = Math.max(dueAtMs, this.#pace.notBeforeMs)
    if (sendAtMs <= nowMs) void this.#send()
    else this.#setTimer(Math.min(sendAtMs, head.queuedAtMs + settings.maxEventAgeMs) - nowMs)
  }

  #setTimer(delayMs: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = this.#parts.platform.setTimer(() => this.#wake(), delayMs, false)
  }

  async #send(): Promise<void> {
    const { queue, settings, platform, transport } = this.#parts
    this.#sending = true
    const limits = { maxEvents: this.#pace.maxEvents, maxBytes: MAX_BATCH_BYTES }
    const waiting = queue.first(limits.maxEvents)
    const batch = splitBatch(waiting, (entry) => entry.bytes, limits)[0] ?? []
    const answer = await transport.post(writeEnvelope(batch, platform.nowMs()))
    this.#sending = false
    if (this.#stopped) return
    const judgement = judge(batch, classifyAnswer(answer, platform.nowMs()))
    queue.replaceFirst(batch.length, judgement.kept)
    this.#pace = nextPace(this.#pace, judgement, {
      batchSize: batch.length,
      flushAt: settings.flushAt,
      nowMs: platform.monotonicMs(),
      random: platform.random(),
    })
    this.#parts.onSettled(judgement.settled)
    if (judgement.result === 'failed') this.#parts.onFailure(failureOf(answer))
    this.#wake()
  }

  #dropExpired(): void {
    const { queue, settings, platform } = this.#parts
    const oldestMs = platform.monotonicMs() - settings.maxEventAgeMs
    for (let head = queue.head(); head && head.queuedAtMs <= oldestMs; head = queue.head()) {
      queue.replaceFirst(1, [])
      this.#parts.onSettled([{ entry: head, outcome: { kind: 'dropped', reason: 'expired' } }])
    }
  }

  #finishFlushes(head: Entry | undefined): void {
    for (const flush of this.#flushes) {
      if (this.#stopped || !head || flush.throughSeq < head.seq) flush.finish()
    }
  }
}

/** The body of a request: the events are JSON already, and `sentAt` is the time of this attempt. */
function writeEnvelope(batch: readonly Entry[], nowMs: number): string {
  const events = batch.map((entry) => entry.json).join(',')
  return `{"sentAt":"${new Date(nowMs).toISOString()}","verdicts":true,"batch":[${events}]}`
}

function failureOf({ status, failure }: TransportAnswer): DeliveryError {
  let what = `HTTP ${status}`
  if (status === 0) what = `no answer (${failure instanceof Error ? failure.message : 'unknown'})`
  else if (status >= 200 && status < 300) what += ' that acknowledged no event'
  return new DeliveryError('request_failed', `A batch met ${what}; it will be sent again.`, failure)
}

import { type EventType, MAX_EVENT_BYTES, type TributaryEvent } from '@tributary/protocol'
import { createTransport } from './adapters/http-transport.ts'
import { nodePlatform } from './adapters/node-platform.ts'
import {
  type AliasCall,
  type AnyCall,
  type Callback,
  checkCall,
  type GroupCall,
  type IdentifyCall,
  type PageCall,
  type ScreenCall,
  type TrackCall,
} from './core/calls.ts'
import { DeliveryError, ValidationError } from './core/errors.ts'
import { createLedger, type Ledger, type Stats } from './core/ledger.ts'
import { callSafely, createListeners, type Listeners } from './core/listeners.ts'
import type { LocalDropReason, Outcome } from './core/outcome.ts'
import { createQueue, type Queue } from './core/queue.ts'
import { type WrittenEvent, writeEvent } from './core/write-event.ts'
import { readOptions, type TributaryOptions } from './options.ts'
import type { Platform } from './platform.ts'
import { Sender } from './sender.ts'
import { VERSION } from './version.ts'

/** Time that `flush` and `closeAndFlush` take at most, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 30_000

const LIBRARY = { name: '@tributary/node', version: VERSION }

/** What can be listened to with {@link Tributary.on}, and what a listener gets. */
export interface ClientEvents {
  /** A request failed and will be repeated, or a callback or listener threw. */
  error: Error
  /** The collector has the event. `duplicate`: it had it before. */
  delivered: { event: TributaryEvent; duplicate: boolean }
  /** The collector will not take the event as it is, and keeps it in quarantine under `code`. */
  rejected: { event: TributaryEvent; code: string; message: string | undefined }
  /** The event is lost. `event` is absent where it could not be serialised. */
  dropped: { event: TributaryEvent | undefined; reason: string }
}

/** Options of {@link Tributary.flush} and {@link Tributary.closeAndFlush}. */
export interface FlushOptions {
  /** Longest time to wait, milliseconds; default 30,000. */
  timeout?: number
}

/**
 * Records events on a server and brings them to a collector. The six calls return at once and
 * never throw, but for a {@link ValidationError}; the fate of an event is told to its callback, to
 * the listeners and to {@link Tributary.stats}. Events wait in memory: call
 * {@link Tributary.closeAndFlush} before the process ends, because no timer here keeps it alive.
 */
export class Tributary {
  readonly #platform: Platform
  readonly #queue: Queue
  readonly #sender: Sender
  readonly #ledger: Ledger = createLedger()
  readonly #listeners: Listeners<ClientEvents>
  readonly #stream: string
  readonly #warned: Set<string> = new Set()
  #nextSeq = 0
  #closing: Promise<{ remaining: number }> | undefined

  /**
   * @param platform Internal, for tests: clocks, randomness, ids, timers.
   * @throws {Error} When an option cannot work; the message names it.
   */
  constructor(options: TributaryOptions, platform: Platform = nodePlatform) {
    const settings = readOptions(options)
    this.#platform = platform
    this.#stream = platform.uuid()
    this.#queue = createQueue(settings.maxQueueBytes)
    this.#listeners = createListeners((error, name) => {
      if (name !== 'error') this.#reportFailure(error)
    })
    this.#sender = new Sender({
      queue: this.#queue,
      settings,
      platform,
      transport: createTransport(
        { ...settings, fetch: settings.fetch ?? platform.fetch },
        platform.setTimer,
      ),
      onSettled: (settled) => {
        for (const { entry, outcome } of settled) this.#settle(outcome, entry.json, entry.callback)
      },
      onFailure: (error) => {
        if (!this.#listeners.has('error')) this.#warnOnce(error.message)
        this.#listeners.emit('error', error)
      },
    })
  }

  /** Records something a person did. @throws {ValidationError} Without an id or `event`. */
  track(call: TrackCall, callback?: Callback): void {
    this.#record('track', call, callback)
  }

  /** Records who a person is. @throws {ValidationError} Without an id. */
  identify(call: IdentifyCall, callback?: Callback): void {
    this.#record('identify', call, callback)
  }

  /** Records a page view. @throws {ValidationError} Without an id. */
  page(call: PageCall, callback?: Callback): void {
    this.#record('page', call, callback)
  }

  /** Records a screen view. @throws {ValidationError} Without an id. */
  screen(call: ScreenCall, callback?: Callback): void {
    this.#record('screen', call, callback)
  }

  /** Records that a person belongs to a group. @throws {ValidationError} Without an id or `groupId`. */
  group(call: GroupCall, callback?: Callback): void {
    this.#record('group', call, callback)
  }

  /** Records that two ids are one person. @throws {ValidationError} Without `userId` or `previousId`. */
  alias(call: AliasCall, callback?: Callback): void {
    this.#record('alias', call, callback)
  }

  /**
   * Sends what is queued without waiting for a full batch. A pause after a failure is kept.
   *
   * @returns Resolves when every event queued at the call has its outcome or the timeout has passed. Never rejects.
   */
  flush(options: FlushOptions = {}): Promise<void> {
    return this.#sender.flush(options.timeout ?? DEFAULT_TIMEOUT_MS)
  }

  /**
   * Takes no more events (later ones are dropped as `closed`), sends what is queued, then ends
   * whatever is still under way. A second call returns the first one's promise.
   *
   * @returns How many events are left without an outcome: 0 unless the timeout has passed. Never rejects.
   */
  closeAndFlush(options: FlushOptions = {}): Promise<{ remaining: number }> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** Adds a listener. What it throws is reported as `error`. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => unknown,
  ): this {
    this.#listeners.on(name, listener)
    return this
  }

  /** Removes a listener that {@link Tributary.on} added. */
  off<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => unknown,
  ): this {
    this.#listeners.off(name, listener)
    return this
  }

  /** What became of this client's events so far. */
  stats(): Stats {
    return this.#ledger.read(this.#queue.size)
  }

  async #close(options: FlushOptions): Promise<{ remaining: number }> {
    this.#sender.hurry()
    await this.flush(options)
    this.#sender.stop()
    return { remaining: this.#queue.size }
  }

  #record(type: EventType, call: AnyCall, callback: Callback | undefined): void {
    const written = this.#write(type, call)
    this.#ledger.create()
    const reason = written.ok ? this.#enqueue(written.event, callback) : 'not_serialisable'
    if (!reason) return
    const json = written.ok ? written.event.json : undefined
    const cause = written.ok ? undefined : written.error
    this.#settle({ kind: 'dropped', reason }, json, callback, cause)
  }

  #write(
    type: EventType,
    call: AnyCall,
  ): { ok: true; event: WrittenEvent } | { ok: false; error: unknown } {
    try {
      checkCall(type, call)
      const event = writeEvent(type, call, {
        messageId: this.#platform.uuid(),
        nowMs: this.#platform.nowMs(),
        stream: this.#stream,
        seq: this.#nextSeq,
        library: LIBRARY,
      })
      return { ok: true, event }
    } catch (error) {
      if (error instanceof ValidationError) throw error
      return { ok: false, error }
    }
  }

  /** Queues an event, or returns why it is dropped. Only an event that is queued takes a `seq`, so that a gap means a loss on the way. */
  #enqueue(event: WrittenEvent, callback: Callback | undefined): LocalDropReason | undefined {
    if (this.#closing) return 'closed'
    const { messageId, json } = event
    const bytes = Buffer.byteLength(json)
    if (bytes > MAX_EVENT_BYTES) return 'event_too_large'
    const seq = this.#nextSeq
    const queuedAtMs = this.#platform.monotonicMs()
    if (!this.#queue.push({ messageId, json, bytes, seq, queuedAtMs, callback }))
      return 'queue_full'
    this.#nextSeq++
    this.#sender.added(seq)
    return undefined
  }

  /** Counts an outcome at once and tells it in a microtask: the host's code never runs inside a call of ours. */
  #settle(
    outcome: Outcome,
    json: string | undefined,
    callback: Callback | undefined,
    cause?: unknown,
  ): void {
    this.#ledger.settle(outcome)
    const name = outcome.kind === 'duplicate' ? 'delivered' : outcome.kind
    if (!callback && !this.#listeners.has(name)) {
      if (outcome.kind === 'rejected') this.#warnOnce(`An event was rejected: ${outcome.code}.`)
      if (outcome.kind === 'dropped') this.#warnOnce(`An event was dropped: ${outcome.reason}.`)
      return
    }
    queueMicrotask(() => {
      const event = json === undefined ? undefined : (JSON.parse(json) as TributaryEvent)
      if (callback) {
        callSafely(
          () => callback(errorOf(outcome, cause), event),
          (error) => this.#reportFailure(error),
        )
      }
      this.#announce(outcome, event)
    })
  }

  #announce(outcome: Outcome, event: TributaryEvent | undefined): void {
    if (outcome.kind === 'dropped') {
      this.#listeners.emit('dropped', { event, reason: outcome.reason })
    } else if (event && outcome.kind === 'rejected') {
      this.#listeners.emit('rejected', { event, code: outcome.code, message: outcome.message })
    } else if (event) {
      this.#listeners.emit('delivered', { event, duplicate: outcome.kind === 'duplicate' })
    }
  }

  /** Where nobody listens, a loss must not be silent; once for each message, so that it does not flood a log. */
  #warnOnce(message: string): void {
    if (!this.#warned.has(message)) this.#platform.warn(`Tributary: ${message}`)
    this.#warned.add(message)
  }

  #reportFailure(error: unknown): void {
    const thrown = error instanceof Error ? error : new Error('a callback threw', { cause: error })
    this.#listeners.emit('error', thrown)
  }
}

function errorOf(outcome: Outcome, cause: unknown): DeliveryError | undefined {
  if (outcome.kind === 'rejected') {
    const why = outcome.message ?? outcome.code
    return new DeliveryError(outcome.code, `The collector rejected the event: ${why}`)
  }
  if (outcome.kind === 'dropped') {
    return new DeliveryError(outcome.reason, `The event was dropped: ${outcome.reason}`, cause)
  }
  return undefined
}

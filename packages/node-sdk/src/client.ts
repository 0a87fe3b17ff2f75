import type {
  AliasCall,
  GroupCall,
  IdentifyCall,
  PageCall,
  ScreenCall,
  TrackCall,
} from './core/calls.ts'
import type { Stats } from './core/ledger.ts'
import { callSafely } from './core/listeners.ts'
import type { Callback, Receipt } from './core/receipt.ts'
import { createDelivery } from './delivery.ts'
import type { EventLog, EventLogStats } from './event-log.ts'
import { readOptions, type TributaryOptions } from './options.ts'
import { type ClientEvents, Outcomes } from './outcomes.ts'
import type { Platform } from './platform.ts'
import type { Plugin } from './plugin.ts'
import { ALL, type Queue } from './queue.ts'
import { Recorder } from './recorder.ts'
import type { Sender } from './sender.ts'

/** Time that `flush` and `closeAndFlush` take at most, unless told otherwise. */
const DEFAULT_TIMEOUT_MS = 30_000
/** How long at a time `ready` keeps the process alive. */
const READY_MS = 10_000

/** Options of {@link Tributary.flush} and {@link Tributary.closeAndFlush}. */
export interface FlushOptions {
  /** Longest time to wait, milliseconds; default 30,000. */
  timeout?: number
}

/** {@link Stats} and what holds the events that are pending. */
export interface ClientStats extends Stats {
  /** Bytes of the events in memory. */
  memoryBytes: number
  /** The disk queue's own account, where there is one. */
  disk?: EventLogStats
}

/**
 * Records events on a server and brings them to a collector. The six calls return at once and never
 * throw, but for a `ValidationError`; the fate of an event is told to its receipt, to its callback,
 * to the listeners and to {@link Tributary.stats}. Events wait in memory, or with `queue` on disk too. No timer
 * here keeps the process alive: call {@link Tributary.closeAndFlush} before it ends, or set `drainOnExit`.
 */
export class Tributary {
  readonly #platform: Platform
  readonly #outcomes: Outcomes
  readonly #queue: Queue
  readonly #log: EventLog | undefined
  readonly #sender: Sender
  readonly #recorder: Recorder
  readonly #undoExit: (() => void) | undefined
  readonly #waitUntil: ((promise: Promise<unknown>) => void) | undefined
  readonly #waiting: Set<() => void> = new Set()
  #isFlushing = false
  #closing: Promise<{ remaining: number }> | undefined

  /**
   * @param platform What the entry for a runtime brings, or a test: clocks, randomness, ids, timers.
   * @throws {Error} When an option cannot work; the message names it.
   */
  constructor(options: TributaryOptions, platform: Platform) {
    const settings = readOptions(options)
    this.#platform = platform
    this.#waitUntil = options.waitUntil
    this.#outcomes = new Outcomes(options.beforeSend, platform.warn)
    const { log, queue, sender } = createDelivery({
      settings,
      platform,
      outcomes: this.#outcomes,
      stream: () => this.#recorder.stream,
      onChange: () => this.#wakeWaiting(),
    })
    this.#log = log
    this.#queue = queue
    this.#sender = sender
    this.#recorder = new Recorder({
      platform,
      outcomes: this.#outcomes,
      queue,
      synced: log && (() => log.synced()),
      refusal: () => (this.#closing ? 'closed' : settings.disable ? 'disabled' : undefined),
      onAdded: () => {
        sender.added()
        if (settings.immediate) this.#flushSoon()
      },
    })
    for (const plugin of options.plugins ?? []) void this.#add(plugin)
    if (settings.drainOnExit) {
      const drain = () => this.closeAndFlush({ timeout: settings.drainTimeoutMs })
      this.#undoExit = platform.onExit?.(drain)
    }
    queue.refill()
  }

  /** Records something a person did. @throws {ValidationError} Without an id or `event`. */
  track(call: TrackCall, callback?: Callback): Receipt {
    return this.#recorder.record('track', call, callback)
  }

  /** Records who a person is. @throws {ValidationError} Without an id. */
  identify(call: IdentifyCall, callback?: Callback): Receipt {
    return this.#recorder.record('identify', call, callback)
  }

  /** Records a page view. @throws {ValidationError} Without an id. */
  page(call: PageCall, callback?: Callback): Receipt {
    return this.#recorder.record('page', call, callback)
  }

  /** Records a screen view. @throws {ValidationError} Without an id. */
  screen(call: ScreenCall, callback?: Callback): Receipt {
    return this.#recorder.record('screen', call, callback)
  }

  /** Records that a person belongs to a group. @throws {ValidationError} Without an id or `groupId`. */
  group(call: GroupCall, callback?: Callback): Receipt {
    return this.#recorder.record('group', call, callback)
  }

  /** Records that two ids are one person. @throws {ValidationError} Without `userId` or `previousId`. */
  alias(call: AliasCall, callback?: Callback): Receipt {
    return this.#recorder.record('alias', call, callback)
  }

  /** False while half of `maxQueueBytes` or more is taken, or events go to the disk only: whoever can wait should, for {@link Tributary.ready}. */
  get writable(): boolean {
    return !this.#queue.isPressed
  }

  /** Resolves when the client is {@link Tributary.writable} and the disk queue has been looked at for events of earlier runs. Keeps the process alive until then. */
  async ready(): Promise<void> {
    while (!(this.#closing || (this.writable && this.#queue.hasRead))) {
      await new Promise<void>((resolve) => {
        const cancelTimer = this.#platform.setTimer(resolve, READY_MS, true)
        this.#waiting.add(() => {
          cancelTimer()
          resolve()
        })
      })
    }
  }

  /**
   * Sends what is queued without waiting for a full batch. A pause after a failure is kept.
   *
   * @param options With `close`, it is {@link Tributary.closeAndFlush}.
   * @returns Resolves when every event queued at the call has its outcome or the timeout has passed. Never rejects.
   */
  flush(options: FlushOptions & { close?: boolean } = {}): Promise<void> {
    if (options.close) return this.closeAndFlush(options).then(() => undefined)
    const flushed = this.#sender.flush(options.timeout ?? DEFAULT_TIMEOUT_MS)
    this.#handOver(flushed)
    return flushed
  }

  /**
   * Takes no more events (later ones are dropped as `closed`), sends what is queued and, with a disk queue, what
   * earlier runs have left there, then ends whatever is still under way. A second call returns the first one's promise.
   *
   * @returns How many events are left without an outcome: 0 unless the timeout has passed. With a disk
   *   queue they are sent by the next run. Never rejects.
   */
  closeAndFlush(options: FlushOptions = {}): Promise<{ remaining: number }> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** Adds plugins. Resolves when each has loaded; one whose `load` fails is told as `error` and stays. */
  async register(...plugins: Plugin[]): Promise<void> {
    await Promise.all(plugins.map((plugin) => this.#add(plugin)))
  }

  /** Takes plugins out again, by their names. */
  async deregister(...names: string[]): Promise<void> {
    const plugins = names.map((name) => this.#outcomes.hooks.remove(name))
    await Promise.all(plugins.map((plugin) => this.#attempt(() => plugin?.unload?.())))
  }

  /** Adds a listener. What it throws is told as `error`. */
  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => unknown,
  ): this {
    this.#outcomes.listeners.on(name, listener)
    return this
  }

  /** Adds a listener for one time. */
  once<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => unknown,
  ): this {
    this.#outcomes.listeners.once(name, listener)
    return this
  }

  /** Removes a listener. */
  off<Name extends keyof ClientEvents>(
    name: Name,
    listener: (payload: ClientEvents[Name]) => unknown,
  ): this {
    this.#outcomes.listeners.off(name, listener)
    return this
  }

  /** What became of this client's events so far: `created + recovered` is the sum of the other counts. */
  stats(): ClientStats {
    const stats = this.#outcomes.ledger.read(this.#queue.pending)
    const memoryBytes = this.#queue.bytes
    return this.#log
      ? { ...stats, memoryBytes, disk: this.#log.stats() }
      : { ...stats, memoryBytes }
  }

  async #close(options: FlushOptions): Promise<{ remaining: number }> {
    this.#undoExit?.()
    this.#sender.hurry()
    const flushed = this.#sender.flush(options.timeout ?? DEFAULT_TIMEOUT_MS, ALL)
    this.#handOver(flushed)
    await flushed
    this.#sender.stop()
    this.#wakeWaiting()
    await this.#queue.close()
    return { remaining: this.#queue.pending }
  }

  /** Something has left the queue or come into it from the disk, or there is nothing more to wait for. */
  #wakeWaiting(): void {
    if (!(this.#closing || (this.writable && this.#queue.hasRead))) return
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** Flushes at the end of the task, once for all its calls; the promise is handed over now, while the request is being handled. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    const flushed = Promise.resolve().then(() => {
      this.#isFlushing = false
      return this.#sender.flush(DEFAULT_TIMEOUT_MS)
    })
    this.#handOver(flushed)
  }

  /** Outside of a request a platform may throw at it. */
  #handOver(flushed: Promise<unknown>): void {
    callSafely(
      () => this.#waitUntil?.(flushed),
      (error) => this.#outcomes.tellThrown(error),
    )
  }

  #add(plugin: Plugin): Promise<unknown> {
    this.#outcomes.hooks.add(plugin)
    return this.#attempt(() => plugin.load?.(this))
  }

  async #attempt(run: () => unknown): Promise<void> {
    try {
      await run()
    } catch (error) {
      this.#outcomes.tellThrown(error)
    }
  }
}

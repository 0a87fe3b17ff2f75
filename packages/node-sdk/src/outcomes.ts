import type { TributaryEvent } from '@tributary/protocol'
import { DeliveryError } from './core/errors.ts'
import { createLedger, type Ledger } from './core/ledger.ts'
import { callSafely, createListeners, type Listeners } from './core/listeners.ts'
import type { Outcome } from './core/outcome.ts'
import type { EventReceipt } from './core/receipt.ts'
import { createHooks, type Hooks } from './hooks.ts'
import type { EventHook } from './plugin.ts'

/** What can be listened to with `on`, and what a listener gets. */
export interface ClientEvents {
  /** A request failed and will be repeated, the disk refuses, or a callback, listener or plugin threw. */
  error: Error
  /** The collector has the event. `duplicate`: it had it before. */
  delivered: { event: TributaryEvent; duplicate: boolean }
  /** The collector will not take the event as it is, and keeps it in quarantine under `code`. */
  rejected: { event: TributaryEvent; code: string; message: string | undefined }
  /** The event is lost. `event` is absent where it could not be serialised. */
  dropped: { event: TributaryEvent | undefined; reason: string }
  /** Nothing is left without an outcome. */
  drained: undefined
  /** A call came after `closeAndFlush`; its event is dropped as `closed`. */
  call_after_close: { event: TributaryEvent }
  /** A request leaves. */
  http_request: { url: string; headers: Record<string, string>; body: string | Uint8Array }
  /** It was answered. */
  http_response: { status: number }
  /** An event has been taken in by one of the six calls. */
  track: TributaryEvent
  identify: TributaryEvent
  page: TributaryEvent
  screen: TributaryEvent
  group: TributaryEvent
  alias: TributaryEvent
}

/** Counts what becomes of events, and tells everyone who wants to know. */
export class Outcomes {
  readonly ledger: Ledger = createLedger()
  readonly listeners: Listeners<ClientEvents>
  readonly hooks: Hooks
  readonly #warn: (message: string) => void
  readonly #warned: Set<string> = new Set()

  constructor(beforeSend: EventHook | undefined, warn: (message: string) => void) {
    this.#warn = warn
    this.listeners = createListeners((error, name) => {
      if (name !== 'error') this.tellThrown(error)
    })
    this.hooks = createHooks(beforeSend, (error) => this.tellThrown(error))
  }

  /** An event has been taken in. */
  taken(type: TributaryEvent['type'], json: string): void {
    const { hooks, listeners } = this
    if (!(hooks.has('destination') || listeners.has(type))) return
    queueMicrotask(() => {
      const event = JSON.parse(json) as TributaryEvent
      hooks.tell('destination', event)
      listeners.emit(type, event)
    })
  }

  /**
   * Counts an outcome at once and tells it in a microtask: the host's code never runs inside a call of ours.
   *
   * @param json The event, where there is one.
   * @param cause What made it impossible to serialise.
   */
  settle(
    outcome: Outcome,
    json: string | undefined,
    receipt: EventReceipt | undefined,
    cause?: unknown,
  ): void {
    this.ledger.settle(outcome)
    receipt?.settle(outcome)
    const callback = receipt?.callback
    if (!callback && !this.#isHeard(outcome)) {
      if (outcome.kind === 'rejected') this.#warnOnce(`An event was rejected: ${outcome.code}.`)
      if (outcome.kind === 'dropped' && outcome.reason !== 'disabled') {
        this.#warnOnce(`An event was dropped: ${outcome.reason}.`)
      }
      return
    }
    queueMicrotask(() => {
      const event = json === undefined ? undefined : (JSON.parse(json) as TributaryEvent)
      if (callback) {
        callSafely(
          () => callback(errorOf(outcome, cause), event),
          (error) => this.tellThrown(error),
        )
      }
      this.#announce(outcome, event)
    })
  }

  /** Events that are lost, and of which only the number is known. */
  lose(count: number, outcome: Outcome, receipts: readonly EventReceipt[]): void {
    for (const receipt of receipts) this.settle(outcome, undefined, receipt)
    for (let i = receipts.length; i < count; i++) this.settle(outcome, undefined, undefined)
  }

  /** Something went wrong that is not the end of an event. */
  tellFailure(error: Error): void {
    if (!this.listeners.has('error')) this.#warnOnce(error.message)
    this.listeners.emit('error', error)
  }

  #isHeard({ kind }: Outcome): boolean {
    const name = kind === 'duplicate' ? 'delivered' : kind
    return (
      this.listeners.has(name) ||
      (name === 'delivered' && this.hooks.has('after')) ||
      (name === 'dropped' && this.listeners.has('call_after_close'))
    )
  }

  #announce(outcome: Outcome, event: TributaryEvent | undefined): void {
    if (outcome.kind === 'dropped') {
      this.listeners.emit('dropped', { event, reason: outcome.reason })
      if (event && outcome.reason === 'closed') this.listeners.emit('call_after_close', { event })
    } else if (event && outcome.kind === 'rejected') {
      this.listeners.emit('rejected', { event, code: outcome.code, message: outcome.message })
    } else if (event) {
      this.hooks.tell('after', event)
      this.listeners.emit('delivered', { event, duplicate: outcome.kind === 'duplicate' })
    }
  }

  /** Where nobody listens, a loss must not be silent; once for each message, so that it does not flood a log. */
  #warnOnce(message: string): void {
    if (!this.#warned.has(message)) this.#warn(`Tributary: ${message}`)
    this.#warned.add(message)
  }

  /** A callback, listener or plugin of the host threw. */
  tellThrown(error: unknown): void {
    const thrown = error instanceof Error ? error : new Error('a callback threw', { cause: error })
    this.listeners.emit('error', thrown)
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

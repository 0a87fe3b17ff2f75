import type { TributaryEvent } from '@tributary/protocol'
import type { Outcome } from './outcome.ts'

/**
 * Called once when the fate of the event is final. `error` is absent when the collector has it (a
 * duplicate included); `event` is absent when the call could not be made into one.
 */
export type Callback = (error?: Error, event?: TributaryEvent) => unknown

/** The end of an event. */
export interface Fate {
  /**
   * - `delivered`: the collector has it. `duplicate`: it had it before.
   * - `rejected`: it keeps the event in quarantine, under `code`.
   * - `dropped`: it is lost, for this `reason`.
   * - `unknown`: memory had no room, so the event went to the disk and was forgotten here; ask for `delivered` at the call.
   */
  outcome: 'delivered' | 'duplicate' | 'rejected' | 'dropped' | 'unknown'
  code?: string
  reason?: string
  message?: string
}

/** What a call returns. Its promises are made when they are asked for, and never reject. */
export interface Receipt {
  /** The queue has it. False: it is dropped already, and {@link Receipt.delivered} tells why. */
  readonly accepted: boolean
  /** Resolves when it is as safe as the queue makes it: in memory at once, on disk after the write that `fsync` asks for. */
  readonly persisted: Promise<void>
  /** Resolves with the end of the event; not before the collector has answered or the event is dropped. */
  readonly delivered: Promise<Fate>
}

/** A receipt whose outcome is still to come. */
export class EventReceipt implements Receipt {
  accepted = true
  readonly callback: Callback | undefined
  /** Where events are kept on disk. */
  synced: (() => Promise<void>) | undefined
  /** For an event that is on disk only: finds out whether it still waits there, and if so tells this receipt later. */
  watch: (() => boolean) | undefined
  #fate: Fate | undefined
  #delivered: Promise<Fate> | undefined
  #resolve: ((fate: Fate) => void) | undefined

  constructor(callback: Callback | undefined) {
    this.callback = callback
  }

  get persisted(): Promise<void> {
    return this.accepted && this.synced ? this.synced() : Promise.resolve()
  }

  get delivered(): Promise<Fate> {
    if (!(this.#fate || this.#delivered) && this.watch?.() === false) {
      this.#fate = { outcome: 'unknown' }
    }
    this.#delivered ??= this.#fate
      ? Promise.resolve(this.#fate)
      : new Promise((resolve) => {
          this.#resolve = resolve
        })
    return this.#delivered
  }

  /** The outcome has come. */
  settle(outcome: Outcome): void {
    this.#fate = fateOf(outcome)
    this.#resolve?.(this.#fate)
  }
}

const DELIVERED: Fate = { outcome: 'delivered' }

function fateOf(outcome: Outcome): Fate {
  switch (outcome.kind) {
    case 'delivered':
      return DELIVERED
    case 'duplicate':
      return { outcome: 'duplicate' }
    case 'dropped':
      return { outcome: 'dropped', reason: outcome.reason }
    case 'rejected': {
      const fate: Fate = { outcome: 'rejected', code: outcome.code }
      if (outcome.message !== undefined) fate.message = outcome.message
      return fate
    }
  }
}

import type { Settlement } from './core/decide.ts'
import type { DropReason, Ending } from './core/ending.ts'
import { type Entry, messageIdOf } from './core/entry.ts'
import { createLedger, type Stats } from './core/ledger.ts'
import type { Seams } from './core-parts.ts'
import type { ResolvedOptions } from './options.ts'
import type { Platform } from './platform.ts'
import { createQueue, type Medium, type Queue } from './queue.ts'
import { createSender, type Sender } from './sender.ts'
import { createTurns } from './turns.ts'

/** What became of this page's events, and where the queue is kept. */
export interface DeliveryStats extends Stats {
  /** How many were rejected or dropped, by the collector's code, else by our reason. Counted by the standard part. */
  reasons?: Record<string, number>
  /** IndexedDB, else localStorage, else memory for the page's life. */
  storage: Medium
}

/** The way of events from the page to the collector. */
export interface Delivery {
  /**
   * Takes over an event: `kept` resolves once it is in the queue, `delivered` with its end.
   *
   * @param reason Why it is only counted.
   */
  accept(
    entry: Entry,
    reason?: DropReason,
  ): { kept: Promise<void> | void; delivered: Promise<Ending> }
  flush(): Promise<void>
  /** Resolves when the leftovers of earlier pages are in the queue. */
  ready: Promise<void>
  stats(): DeliveryStats
  /** Enters ends of this page's events into the accounts, and tells listeners. */
  enter(settled: readonly Settlement[]): void
  /** The same for all events, whoever made them, and tells other tabs of theirs. */
  settle(settled: readonly Settlement[]): void
  queue: Queue
  lastRequest: Sender['lastRequest']
  /** Sends nothing any more. */
  stop(): void
}

/**
 * Wires queue, sender, accounts and the page's life together, and starts with what earlier pages left.
 *
 * @param beforeHide Called when the page may end: the last moment to accept an event.
 */
export function startDelivery(
  options: ResolvedOptions,
  platform: Platform,
  stream: string,
  seams: Seams,
  beforeHide: () => void,
): Delivery {
  const { store } = platform
  const { name } = options
  const ledger = createLedger()
  const queue = createQueue(
    platform.openDisk(name('queue'), () => void queue.restore(ledger.unended)),
    store,
    `${name('spill')}:`,
    (cause) => seams.emit?.('error', { code: 'disk_failed', cause }),
  )

  function enter(settled: readonly Settlement[], isForAll?: boolean): void {
    const others = settled.filter(({ key, ...ending }) => {
      const isOwn = ledger.settle(key, ending)
      const name = ending.outcome === 'duplicate' ? 'delivered' : ending.outcome
      if (isOwn || isForAll)
        seams.emit?.(name, { messageId: messageIdOf({ key }), ...ending }, isOwn)
      return !isOwn
    })
    if (isForAll && others[0]) seams.settled?.(others)
  }

  const settle: Delivery['settle'] = (settled) => enter(settled, true)

  const sender = createSender({
    options,
    platform,
    queue,
    turns: createTurns(platform, name('sender'), stream),
    unended: ledger.unended,
    preamble: () => ({
      verdicts: true,
      writeKey: options.writeKey,
      ...seams.envelope?.(),
    }),
    onSent: (batch) => seams.emit?.('sent', batch.map(messageIdOf)),
    onAnswer: settle,
    onFailure(status) {
      seams.emit?.('error', { code: 'request_failed', status })
      return seams.failed?.()
    },
  })

  platform.onLifecycle({
    hide() {
      beforeHide()
      queue.spill()
      sender.hide()
    },
    wake: sender.wake,
  })
  const ready = queue.recover()
  void ready.then(sender.wake)

  return {
    accept: (entry, reason) => ({
      delivered: ledger.begin(entry),
      kept: reason
        ? settle([{ key: entry.key, outcome: 'dropped', reason }])
        : queue.add(entry).then(() => {
            seams.emit?.('persisted', [messageIdOf(entry)])
            sender.added()
          }),
    }),
    flush: () => ready.then(sender.flush),
    ready,
    stats: () => ({ ...ledger.stats(), storage: queue.medium() }),
    enter: (settled) => enter(settled),
    settle,
    queue,
    lastRequest: sender.lastRequest,
    stop: sender.stop,
  }
}

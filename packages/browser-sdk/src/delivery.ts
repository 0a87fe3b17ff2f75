import type { Settlement } from './core/decide.ts'
import type { Emitter } from './core/emitter.ts'
import type { DropReason, Ending } from './core/ending.ts'
import type { Entry } from './core/entry.ts'
import { createLedger, type Stats } from './core/ledger.ts'
import { createCourier } from './courier.ts'
import type { ResolvedOptions } from './options.ts'
import type { Platform } from './platform.ts'
import { createQueue } from './queue.ts'
import { createSender } from './sender.ts'
import { createTurns } from './turns.ts'

/** What becomes of an event that was taken over; see {@link Receipt}. */
export interface Acceptance {
  /** Resolves once it is in the queue. */
  persisted: Promise<void>
  delivered: Promise<Ending>
}

/** The way of events from the page to the collector. */
export interface Delivery {
  /** Takes an event over. */
  accept(entry: Entry): Acceptance
  /** Counts a call that does not become an event, and warns of it. */
  drop(messageId: string, reason: DropReason): Acceptance
  flush(): Promise<void>
  /** Resolves when the leftovers of earlier pages are in the queue. */
  ready: Promise<void>
  stats(): Stats
  wipe(reason: DropReason): Promise<void>
}

/** Wires queue, sender, accounts and the page's life together, and starts with what earlier pages left. */
export function startDelivery(
  options: ResolvedOptions,
  platform: Platform,
  stream: string,
  emit: Emitter['emit'],
): Delivery {
  const { writeKey, url } = options
  const name = `tributary:${writeKey}`
  const ledger = createLedger()
  const warned = new Set<string>()
  const queue = createQueue(
    platform.openDisk(name),
    platform.storage,
    `tributary:spill:${writeKey}:`,
    stream,
  )
  const tabs = platform.openTabs(name, (told) => settle(told as Settlement[]))
  const courier = createCourier(url, writeKey, platform, queue, (settled) => {
    for (const { outcome, reason } of settled) if (reason) warn(outcome, reason)
    const others = settle(settled)
    if (others.length > 0) tabs.tell(others)
  })
  const turns = createTurns(tabs, platform.now)
  const sender = createSender({ options, platform, queue, ledger, courier, turns })

  /** Enters ends into the accounts; returns those of events that other pages made. */
  function settle(settled: readonly Settlement[]): Settlement[] {
    return settled.filter(({ key, outcome }) => !ledger.settle(key, outcome))
  }

  /** Once per reason: a call in a loop must not flood the console. */
  function warn(outcome: string, reason: string): void {
    const message = `Tributary: an event was ${outcome} (${reason}).`
    if (!warned.has(message)) platform.warn(message)
    warned.add(message)
  }

  platform.onLifecycle({
    hide() {
      queue.spill()
      sender.hide()
    },
    wake: sender.wake,
  })
  const ready = queue.recover()
  void ready.then(sender.wake)

  return {
    accept(entry) {
      ledger.open(entry)
      return { persisted: queue.add(entry).then(sender.added), delivered: new Promise(() => {}) }
    },
    drop(messageId, reason) {
      ledger.drop()
      warn('dropped', reason)
      emit('dropped', { messageId, outcome: 'dropped', reason })
      return {
        persisted: Promise.resolve(),
        delivered: Promise.resolve({ outcome: 'dropped', reason }),
      }
    },
    async wipe() {},
    flush: sender.flush,
    ready,
    stats: ledger.stats,
  }
}

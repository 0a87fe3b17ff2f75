import { createLedger } from './core/ledger.ts'
import type { Receipt, Tracker } from './tracker-api.ts'

/** A tracker for where there is no page (a server that renders one): every call does nothing. */
export function createInertTracker(): Tracker {
  const nothing = async (): Promise<undefined> => undefined
  const recorded = async (): Promise<Receipt> => ({
    event: undefined,
    delivered: new Promise(() => {}),
  })
  const tracker: Tracker = {
    track: recorded,
    identify: recorded,
    page: recorded,
    screen: recorded,
    group: ((...args: unknown[]) =>
      args.length > 0
        ? recorded()
        : { id: () => undefined, traits: () => ({}) }) as Tracker['group'],
    alias: recorded,
    reset() {},
    flush: nothing,
    setAnonymousId: () => undefined,
    user: () => ({ id: () => undefined, anonymousId: () => undefined, traits: () => ({}) }),
    // The page's own ready callback waits for the page's own tracker.
    ready: nothing,
    stats: () => ({ ...createLedger().stats(), storage: 'memory' }),
    on() {},
    once() {},
    off() {},
    register: nothing,
    addSourceMiddleware: nothing,
    debug() {},
    trackLink: () => tracker,
    trackForm: () => tracker,
  }
  return tracker
}

import { createLedger } from './core/ledger.ts'
import type { Tracker } from './tracker-api.ts'

/** A tracker for where there is no page (a server that renders one): every call does nothing. */
export function createInertTracker(): Tracker {
  const nothing = async (): Promise<undefined> => undefined
  return {
    track: nothing,
    identify: nothing,
    page: nothing,
    screen: nothing,
    group: nothing,
    alias: nothing,
    reset() {},
    flush: nothing,
    setAnonymousId: () => undefined,
    user: () => ({ id: () => undefined, anonymousId: () => undefined, traits: () => ({}) }),
    // The page's own ready callback waits for the page's own tracker.
    ready: nothing,
    stats: createLedger().stats,
  }
}

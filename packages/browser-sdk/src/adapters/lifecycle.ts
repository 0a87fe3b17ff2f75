import type { LifecycleHandlers } from '../platform.ts'

/**
 * Calls the handlers at the page's turns. `visibilitychange` is the last event that a mobile browser reliably fires;
 * `pagehide` is for those that navigate without it. Never `unload`: it keeps the page out of the back/forward cache.
 */
export function onLifecycle({ hide, wake }: LifecycleHandlers): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? hide() : wake()))
  addEventListener('pagehide', hide)
  addEventListener('pageshow', wake)
  addEventListener('online', wake)
}

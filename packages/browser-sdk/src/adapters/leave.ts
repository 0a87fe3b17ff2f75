import { listen } from './listen.ts'

/**
 * Calls `work` whenever the page may be about to end. Capturing, so that it comes before the tracker's own listeners:
 * what `work` tracks then goes out with what they send.
 */
export function onLeave(work: () => void): void {
  listen('visibilitychange', () => document.hidden && work())
  listen('pagehide', work)
}

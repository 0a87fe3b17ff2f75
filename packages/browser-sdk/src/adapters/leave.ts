/**
 * Calls `work` whenever the page may be about to end. Capturing, so that it comes before the tracker's own listeners:
 * what `work` tracks then goes out with what they send.
 */
export function onLeave(work: () => void): void {
  addEventListener('visibilitychange', () => document.hidden && work(), true)
  addEventListener('pagehide', work, true)
}

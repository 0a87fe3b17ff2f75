import { backoffMs } from '@tributary/protocol'
import type { Platform } from './platform.ts'

/** When the next attempt is made. There is one timer; an earlier wish replaces a later one. */
export interface Schedule {
  /** Asks for an attempt in `ms`, or as soon after as backoff and the collector's pause allow. */
  within(ms: number): void
  /** An attempt failed: the next one waits, longer each time. `pauseMs` is the collector's `Retry-After`, 0 without. */
  backOff(pauseMs: number): void
  /** Forgets the failures, but not the collector's pause. */
  forgive(): void
  /** True while the collector's pause lasts. */
  isPaused(): boolean
}

/** A {@link Schedule} that calls `attempt` when it is time. */
export function createSchedule(
  { now, random, after }: Pick<Platform, 'now' | 'random' | 'after'>,
  attempt: () => void,
): Schedule {
  let failures = 0
  let notBefore = 0
  let pausedUntil = 0
  let dueAt = Number.POSITIVE_INFINITY
  let cancel = (): void => {}

  function within(ms: number): void {
    const at = Math.max(now() + ms, notBefore, pausedUntil)
    if (at >= dueAt) return
    cancel()
    dueAt = at
    cancel = after(at - now(), () => {
      dueAt = Number.POSITIVE_INFINITY
      // A request may have failed after this timer was set: its backoff holds.
      if (now() < Math.max(notBefore, pausedUntil)) within(0)
      else attempt()
    })
  }

  return {
    within,
    backOff(pauseMs) {
      failures++
      notBefore = now() + backoffMs(failures, random())
      pausedUntil = Math.max(pausedUntil, now() + pauseMs)
      within(0)
    },
    forgive() {
      failures = notBefore = 0
    },
    isPaused: () => now() < pausedUntil,
  }
}

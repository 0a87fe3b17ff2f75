import type { Tabs } from './platform.ts'

/**
 * A tab that has waited this long for another one goes on without its turn: WebKit may suspend a background tab
 * that holds the lock. Two tabs sending the same events cost duplicates on the wire, which the collector knows.
 */
const PATIENCE_MS = 30_000

/** Lets one tab at a time do the work that they share. */
export interface Turns {
  /** Does `work` if it is this tab's turn. Resolves when it is done; false when it is another tab's turn. */
  take(work: () => Promise<void>): Promise<boolean>
  /** Lets the other tabs go on, while this one may finish what it does. */
  giveUp(): void
}

/** {@link Turns} with the other tabs of the origin. */
export function createTurns({ exclusively }: Tabs, now: () => number): Turns {
  let refusedSince: number | undefined
  let release = (): void => {}
  return {
    async take(work) {
      let done: Promise<void> | undefined
      if (refusedSince && now() - refusedSince >= PATIENCE_MS) done = work()
      else {
        await exclusively(() => {
          done = work()
          return Promise.race([done, new Promise<void>((resolve) => (release = resolve))])
        })
      }
      refusedSince = done ? undefined : (refusedSince ?? now())
      await done
      return done !== undefined
    },
    giveUp: () => release(),
  }
}

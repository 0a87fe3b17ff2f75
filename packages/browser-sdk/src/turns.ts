import type { Platform } from './platform.ts'

/**
 * A tab whose lease is older than this is taken for frozen, and another one goes on: WebKit may suspend a background
 * tab that holds a lock. Two tabs that send the same events cost duplicates on the wire, which the collector knows.
 */
const LEASE_MS = 30_000

/** Lets one tab at a time do the work that they share. */
export interface Turns {
  /** Does `work` if it is this tab's turn. Resolves when it is done; false when it is another tab's turn. */
  take(work: () => Promise<void>): Promise<boolean>
  /** Whether the turn is still this tab's; asked before each step of the work. If so, the lease begins anew. */
  goesOn(): boolean
  /** Lets the other tabs go on, while this one may finish what it does. */
  giveUp(): void
}

/**
 * Turns by a lock of the browser, where it has locks, and a lease in `store`: it stands in for the lock where there
 * is none, ends the turn of a tab that is frozen, and tells that tab when it wakes that its turn is over.
 *
 * @param name Of the lock, and key of the lease.
 * @param tab This tab's own id.
 */
export function createTurns(
  { exclusively, store, now }: Pick<Platform, 'exclusively' | 'store' | 'now'>,
  name: string,
  tab: string,
): Turns {
  let release = (): void => {}

  const lease = (): string => store.get(name) ?? ''

  /** Whether the lease has run out; where there is none, whether nothing is known of a turn. */
  function isOver(isUnlocked: boolean): boolean {
    const until = Number(lease().slice(tab.length))
    // An end too far away was written before the clock was set back.
    return until ? until < now() || until > now() + LEASE_MS : isUnlocked
  }

  function goesOn(): boolean {
    const isOwn = lease().startsWith(tab)
    if (isOwn) renew()
    return isOwn
  }

  function renew(): void {
    store.set(name, tab + (now() + LEASE_MS))
  }

  function giveUp(): void {
    if (goesOn()) store.remove(name)
    release()
  }

  return {
    async take(work) {
      let done: Promise<void> | undefined
      const start = (): Promise<void> => {
        renew()
        done = work().finally(giveUp)
        return Promise.race([done, new Promise<void>((resolve) => (release = resolve))])
      }
      const ran = await exclusively(name, start)
      if (!ran && isOver(ran === undefined)) await start()
      await done
      return !!done
    },
    goesOn,
    giveUp,
  }
}

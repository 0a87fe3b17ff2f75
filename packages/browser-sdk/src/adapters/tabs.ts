import { attempt } from '../core/attempt.ts'
import type { Tabs } from '../platform.ts'

/**
 * Runs `work` under a lock that the tabs of this origin share, unless another tab holds it.
 *
 * @returns Whether it has run; undefined where there are no locks (plain http, an opaque origin).
 */
export async function exclusively(
  name: string,
  work: () => Promise<void>,
): Promise<boolean | undefined> {
  let started = false
  try {
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      started = !!lock
      return lock && work()
    })
    return started
  } catch {
    return started || undefined
  }
}

/** The other tabs of this origin, by BroadcastChannel; where it is missing, the queue itself tells what they have delivered. */
export function openTabs(name: string, onTold: (message: unknown) => void): Tabs {
  let channel: BroadcastChannel | undefined

  function open(): void {
    // Missing, or an opaque origin.
    channel ??= attempt(() => new BroadcastChannel(name))
    if (channel) channel.onmessage = ({ data }) => onTold(data)
  }

  // A message to a page in the back/forward cache throws the page out of it (Chrome).
  addEventListener('pagehide', () => {
    channel?.close()
    channel = undefined
  })
  addEventListener('pageshow', open)
  open()

  return { tell: (message) => channel?.postMessage(message) }
}

import type { Tabs } from '../platform.ts'

/** The tabs of this origin that share a queue, by Web Locks and BroadcastChannel; each is done without where it is missing. */
export function openTabs(name: string, onTold: (message: unknown) => void): Tabs {
  let channel: BroadcastChannel | undefined

  function open(): void {
    try {
      channel ??= new BroadcastChannel(name)
      channel.onmessage = ({ data }) => onTold(data)
    } catch {
      // Missing, or an opaque origin: the queue itself tells what other tabs have delivered.
    }
  }

  // A message to a page in the back/forward cache throws the page out of it (Chrome).
  addEventListener('pagehide', () => {
    channel?.close()
    channel = undefined
  })
  addEventListener('pageshow', open)
  open()

  return {
    tell: (message) => channel?.postMessage(message),
    async exclusively(work) {
      let started = false
      const start = (): Promise<void> => {
        started = true
        return work()
      }
      try {
        await navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && start())
      } catch {
        // No Web Locks (plain http), or refused (opaque origin).
        if (!started) await start()
      }
      return started
    },
  }
}

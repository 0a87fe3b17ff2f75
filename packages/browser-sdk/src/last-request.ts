import type { PostLater } from './adapters/fetch-later.ts'
import type { Emitter } from './core/emitter.ts'
import type { Core } from './core-parts.ts'

/** Least time between two requests that are left with the browser while nothing is sent: each is put together anew. */
const RENEWAL_INTERVAL_MS = 1000

/**
 * Leaves the page's last request with the browser, where that takes one: a page that ends without a word, and to which
 * nobody comes back, has then sent its events all the same. What is in a request that outlives the page is not in it, so
 * that a page that ends in order sends nothing twice. The events stay in the queue until they are acknowledged.
 */
export function addLastRequest(core: Core, { on }: Emitter, postLater: PostLater): void {
  const { platform, stop, lastRequest } = core
  let cancel: (() => void) | undefined
  let isDue = false

  function renew(): void {
    isDue = false
    cancel?.()
    cancel = lastRequest((url, body) => postLater(url, body, platform.credentials))
  }

  function renewSoon(): void {
    if (!isDue) platform.after(cancel ? RENEWAL_INTERVAL_MS : 0, renew)
    isDue = true
  }

  // At once: the page may be on its way out.
  on('sent', renew)
  // A failure, and a verdict on a part, give events of a request back.
  for (const name of ['persisted', 'delivered', 'error']) on(name, renewSoon)
  core.stop = () => {
    stop()
    renew()
  }
}

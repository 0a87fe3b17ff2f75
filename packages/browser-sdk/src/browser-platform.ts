import { post } from './adapters/http.ts'
import { openIndexedDb } from './adapters/indexed-db.ts'
import { onLifecycle } from './adapters/lifecycle.ts'
import { openLocalStorage } from './adapters/local-storage.ts'
import { readPage } from './adapters/page.ts'
import { exclusively } from './adapters/tabs.ts'
import { createMessageIds } from './core/message-id.ts'
import type { Platform } from './platform.ts'

/** The page that this code runs in. */
export function browserPlatform(): Platform {
  return {
    now: Date.now,
    elapsed: () => performance.now(),
    random: Math.random,
    newId: createMessageIds(Date.now, () => crypto.getRandomValues(new Uint32Array(128))),
    after(ms, work) {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    },
    post,
    credentials: 'omit',
    readPage,
    store: openLocalStorage(),
    openDisk: openIndexedDb,
    exclusively,
    onLifecycle,
  }
}

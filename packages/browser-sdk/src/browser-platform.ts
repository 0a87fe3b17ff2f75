import { v7 } from 'uuid'
import { log, warn } from './adapters/console.ts'
import { post } from './adapters/http.ts'
import { openIndexedDb } from './adapters/indexed-db.ts'
import { onLifecycle } from './adapters/lifecycle.ts'
import { openLocalStorage } from './adapters/local-storage.ts'
import { readDevice, readPage } from './adapters/page.ts'
import { openTabs } from './adapters/tabs.ts'
import type { Platform } from './platform.ts'

/** The page that this code runs in. */
export function browserPlatform(): Platform {
  return {
    now: Date.now,
    random: Math.random,
    newId: () => v7(),
    after(ms, work) {
      const timer = setTimeout(work, ms)
      return () => clearTimeout(timer)
    },
    post,
    readPage,
    device: readDevice(),
    storage: openLocalStorage(),
    openDisk: openIndexedDb,
    openTabs,
    onLifecycle,
    warn,
    log,
  }
}

import { expect } from 'vitest'
import { CHROMIUM, type ChromiumBrowser, type ChromiumTab } from './chromium.ts'
import { FIREFOX } from './firefox.ts'
import { readStats } from './page-calls.ts'
import { type Scenario, scenario } from './scenario.ts'
import { WEBKIT } from './webkit.ts'
import type { World } from './world.ts'

const ENGINES = [FIREFOX, WEBKIT, CHROMIUM]

type ChromiumWorld = World<ChromiumBrowser>

/** Scripts before the tracker's that make IndexedDB what it is said to be. */
const BROKEN: Record<string, () => void> = {
  'is missing': () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
  'is forbidden': () =>
    Object.defineProperty(window, 'indexedDB', {
      get() {
        throw new DOMException('No.', 'SecurityError')
      },
    }),
  'cannot be opened': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('No.', 'InvalidStateError')
    }
  },
  'never answers': () => {
    IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest
  },
}

/** Things that go wrong with an IndexedDB that has worked, in the page that uses it. */
const BREAKS: Record<string, () => void | Promise<void>> = {
  'refuses every write from some moment on': () => {
    IDBObjectStore.prototype.put = IDBObjectStore.prototype.add = () => {
      throw new DOMException('No.', 'UnknownError')
    }
  },
  'aborts every transaction that writes from some moment on': () => {
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (...args) {
      const begun = transaction.apply(this, args)
      if (args[1] === 'readwrite') queueMicrotask(() => setTimeout(() => begun.abort()))
      return begun
    }
  },
  // What iOS does to pages that were in the background (WebKit bug 197050).
  'loses its connection for good': () => {
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError')
    }
  },
  'stops to answer': () => {
    IDBDatabase.prototype.transaction = () =>
      ({
        objectStore: () =>
          new Proxy(
            { transaction: {} },
            { get: (store, name) => Reflect.get(store, name) ?? (() => ({})) },
          ),
      }) as never
  },
}

/** Deletes the databases; resolves when the browser has begun to. */
async function deleteDatabases(): Promise<void> {
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name as string)
      request.onsuccess = request.onblocked = request.onerror = resolve
    })
  }
}

/** Events before and after a break, offline; then the tab is closed, and another one finds what there is. */
async function reopened(world: World, breakIt?: () => void | Promise<void>): Promise<void> {
  const tab = await world.open()
  await world.setOffline(true)
  await world.track(tab, 10)
  if (breakIt) {
    await tab.run(breakIt)
    await world.track(tab, 10)
  }
  await world.close(tab)
  await world.setOffline(false)
  await world.open()
}

/** Takes all that the origin may still store. */
async function fillLocalStorage(): Promise<void> {
  for (let size = 2 ** 20; size >= 1; size >>= 1) {
    try {
      for (let index = 0; ; index++)
        localStorage.setItem(`filler-${size}-${index}`, 'x'.repeat(size))
    } catch {
      // Full for this size.
    }
  }
}

/** Enough for the first events and too little for all. */
const SMALL_QUOTA_BYTES = 40_000

/**
 * A page that can store next to nothing in IndexedDB, offline, with more events than that. The quota is set before: Chromium
 * does not ask for it again while a database is open.
 */
async function openWithSmallQuota(world: ChromiumWorld): Promise<ChromiumTab> {
  const { devtools } = await world.browser().open(world.gate.elsewhere)
  const { origin } = world.gate
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: SMALL_QUOTA_BYTES })
  const tab = await world.open()
  await world.setOffline(true)
  await world.track(tab, 10)
  return tab
}

/** Clears storage as "Clear site data" does, under a page that is offline. */
async function clearUnder(
  world: ChromiumWorld,
  tab: ChromiumTab,
  storageTypes: string,
): Promise<void> {
  await world.setOffline(true)
  await world.track(tab, 10)
  await tab.devtools.send('Storage.clearDataForOrigin', {
    origin: world.gate.origin,
    storageTypes,
  })
  await world.track(tab, 10)
}

/** What may become of the place where events are kept. */
export const STORAGE: Scenario[] = [
  ...Object.entries(BROKEN).flatMap(([how, breakIt]) =>
    scenario([CHROMIUM], `IndexedDB ${how}: offline, closed, opened again`, async (world) => {
      world.gate.head = `<script>(${breakIt})()</script>`
      await reopened(world)
    }),
  ),
  ...Object.entries(BREAKS).flatMap(([how, breakIt]) =>
    scenario([CHROMIUM], `IndexedDB ${how}: offline, closed, opened again`, (world) =>
      reopened(world, breakIt),
    ),
  ),
  ...scenario([CHROMIUM], 'a script deletes the databases of a page that stays', async (world) => {
    const tab = await world.open()
    await world.setOffline(true)
    await world.track(tab, 10)
    await tab.run(deleteDatabases)
    await world.track(tab, 10)
    await world.setOffline(false)
  }),
  ...scenario(
    ENGINES,
    'a script deletes the databases, and what was and comes later is closed offline and opened again',
    (world) => reopened(world, deleteDatabases),
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'its databases are cleared, and the tab is then closed offline and opened again',
    async (world) => {
      const tab = await world.open()
      await clearUnder(world, tab, 'indexeddb')
      await world.close(tab)
      await world.setOffline(false)
      await world.open()
    },
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'the quota is used up: offline, closed, opened again',
    async (world) => {
      const tab = await openWithSmallQuota(world)
      await world.track(tab, 100)
      expect((await tab.run(readStats)).storage).toBe('localstorage')
      await world.close(tab)
      await world.setOffline(false)
      await world.open()
    },
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'the quota is used up, that of localStorage too: offline, online again',
    async (world) => {
      const tab = await openWithSmallQuota(world)
      await tab.run(fillLocalStorage)
      await world.track(tab, 100)
      expect((await tab.run(readStats)).storage).toBe('memory')
      await world.setOffline(false)
    },
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'its databases are cleared under a page that stays',
    async (world) => {
      await clearUnder(world, await world.open(), 'indexeddb')
      await world.setOffline(false)
    },
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'all site data is cleared under a page that stays',
    async (world) => {
      await clearUnder(world, await world.open(), 'all')
      await world.setOffline(false)
    },
  ),
]

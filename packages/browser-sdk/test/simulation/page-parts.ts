import type { Storage } from '../../src/platform.ts'
import type { Surroundings } from '../../src/standard.ts'
import type { Tab } from './tab.ts'
import type { World } from './world.ts'

/** localStorage as a tab sees it: what does not fit is in the tab's memory. */
export function openStorage(world: World, tab: Tab): Storage {
  const { items } = world
  const memory = new Map<string, string>()
  return {
    get: (key) => memory.get(key) ?? items.get(key),
    set(key, value) {
      if (!tab.acts()) return false
      memory.delete(key)
      if (key.includes('stream')) world.trace(`${tab.name} notes ${value} of ${key}`)
      let used = key.length + value.length
      for (const [other, text] of items) if (other !== key) used += other.length + text.length
      if (used <= world.quota) {
        items.set(key, value)
        return true
      }
      memory.set(key, value)
      tab.hasStorageFailed = true
      if (key.includes('spill')) tab.hasSpillFailed = true
      return false
    },
    remove(key) {
      if (!tab.acts()) return
      memory.delete(key)
      items.delete(key)
    },
    keys: (prefix) => [...memory.keys(), ...items.keys()].filter((key) => key.startsWith(prefix)),
  }
}

/** The lock that the tabs share, where the browser has locks. It is granted a moment later, and a frozen tab keeps it. */
export function exclusively(
  world: World,
  tab: Tab,
  work: () => Promise<void>,
): Promise<boolean | undefined> {
  if (!tab.acts()) return new Promise(() => {})
  if (!world.scenario.hasLocks) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    world.loop.after(world.random.tabs.whole(0, 5), undefined, () => {
      if (tab.state === 'gone') return
      const isFree = world.lockHolder === undefined
      if (isFree) world.lockHolder = tab
      world.loop.after(0, tab, () => {
        if (isFree) void work().then(release)
        else resolve(false)
      })
    })
    function release(): void {
      if (world.lockHolder === tab) world.lockHolder = undefined
      resolve(true)
    }
  })
}

/** Leaves a request with the browser. */
function postLater(tab: Tab, body: string): () => void {
  if (tab.acts()) tab.lastRequest = body
  return () => {
    if (tab.acts()) tab.lastRequest = undefined
  }
}

/** What the standard part finds around it. */
export function surroundings(world: World, tab: Tab): Surroundings {
  return {
    openCookie: () => ({
      get: () => world.cookie,
      set(value) {
        if (tab.acts()) world.cookie = value || undefined
      },
    }),
    openTabs(_, onTold) {
      tab.onTold = onTold
      return {
        tell(message) {
          if (!tab.acts()) return
          const copy = structuredClone(message)
          for (const other of world.tabs) {
            // A page in the back/forward cache has closed its channel.
            if (other === tab || other.state !== 'running') continue
            world.loop.after(world.random.tabs.whole(0, 20), other, () => other.onTold?.(copy))
          }
        },
      }
    },
    readCanonical: () => undefined,
    readDevice: () => ({ userAgent: 'simulation' }),
    readScreen: () => ({}),
    adoptLanding: () => undefined,
    postLater: world.scenario.hasFetchLater ? (_, body) => postLater(tab, body) : undefined,
    warn() {},
    log() {},
  }
}

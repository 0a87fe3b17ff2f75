import type { Random } from '../../../../e2e/crash/random.ts'
import type { Storage } from '../../src/platform.ts'
import type { Tracker } from '../../src/tracker-api.ts'
import { checkStats } from './checks.ts'
import type { Runner } from './loop.ts'
import { type OpenRequest, sendLast, watchOverlap } from './network.ts'
import { type Page, startPage } from './page.ts'
import type { Call, Poison, World } from './world.ts'

/** A page in a tab, with the real core in it. */
export interface Tab extends Runner {
  name: string
  world: World
  random: Random
  tracker: Tracker
  storage: Storage
  /** Its stream, which is also what it signs its lease with. */
  stream: string
  /** Its own calls. */
  calls: Call[]
  /** Requests without an answer. */
  requests: Set<OpenRequest>
  /** The page is being told that it is hidden. */
  isHiding: boolean
  /** It was there at the first event, and has noted each since. */
  isNoting: boolean
  /** localStorage has refused an event. */
  hasSpillFailed: boolean
  /** localStorage has refused something. */
  hasStorageFailed: boolean
  /** The task in which it ended. */
  lastTask: number | undefined
  /** Until when the collector has asked it to wait. */
  pausedUntil: number
  /** Of the present outage: requests made in turn, those with several events, and reasons to try at once. */
  outage: { since: number; requests: number; large: number; reasons: number }
  /** Body of the request that the browser makes when the page ends. */
  lastRequest: string | undefined
  onTold: ((message: unknown) => void) | undefined
  /** Loads the page; in a task of the tab. */
  start(): void
  /** Asked before everything that has an effect outside: whether the page still lives. */
  acts(): boolean
  /** Checks what must hold between any two tasks. */
  check(): void
  track(count: number, length: number, poison?: Poison): void
  hide(): void
  wake(): void
  freeze(): void
  thaw(): void
  /** Calls that have waited for the standard part have been made in this task. */
  noteExtended(): void
  /** Ends, without a word to the page. */
  die(): void
  /** Ends in the middle of what it does next, after so many effects. */
  dieAfter(effects: number): void
}

/** A page that does so much in one task hangs. */
const MAX_EFFECTS = 20_000

/** What a tab knows before its page is there. */
function emptyTab(world: World): Omit<Tab, TabMethod> {
  return {
    state: 'running',
    held: [],
    name: `tab ${world.tabs.length}`,
    world,
    random: world.random.tabs.fork(),
    tracker: undefined as unknown as Tracker,
    storage: undefined as unknown as Storage,
    stream: '',
    calls: [],
    requests: new Set(),
    isHiding: false,
    isNoting: false,
    hasSpillFailed: false,
    hasStorageFailed: false,
    lastTask: undefined,
    pausedUntil: 0,
    outage: { since: world.loop.elapsed(), requests: 0, large: 0, reasons: 1 },
    lastRequest: undefined,
    onTold: undefined,
  }
}

type TabMethod =
  | ('start' | 'acts' | 'check' | 'track' | 'hide' | 'wake' | 'freeze' | 'thaw')
  | ('noteExtended' | 'die' | 'dieAfter')

/** A tab whose page has yet to be loaded. */
export function openTab(world: World): Tab {
  const { loop } = world
  let page: Page
  let effectsLeft = Number.POSITIVE_INFINITY
  let effects = { task: 0, count: 0 }

  /** What a page that is going away leaves unfinished. */
  function abandon(): void {
    world.database.abandon(tab)
    for (const request of tab.requests) if (!request.keepalive) request.breakOff()
    sendLast(world, tab)
    watchOverlap(world)
  }

  const tab: Tab = {
    ...emptyTab(world),
    start() {
      page = startPage(tab)
    },
    acts() {
      if (tab.state === 'gone') return false
      const task = loop.task()
      effects = { task, count: effects.task === task ? effects.count + 1 : 1 }
      const isHanging = effects.count > MAX_EFFECTS
      if (isHanging) world.fail(`${tab.name} hangs`)
      if (effectsLeft-- > 0 && !isHanging) return true
      tab.die()
      return false
    },
    check: () => checkStats(tab),
    track(count, length, poison) {
      for (let index = 0; index < count; index++) page.track(length, index ? undefined : poison)
    },
    hide() {
      tab.isHiding = true
      world.overlapsAllowed++
      page.hide()
      tab.isHiding = false
      tab.noteExtended()
    },
    wake() {
      tab.outage.reasons++
      page.wake()
    },
    freeze() {
      world.overlapsAllowed += 2
      tab.state = 'frozen'
      abandon()
    },
    thaw() {
      tab.state = 'running'
      loop.thaw(tab)
      watchOverlap(world)
    },
    noteExtended() {
      page.noteExtended()
    },
    die() {
      tab.state = 'gone'
      tab.lastTask = loop.task()
      world.trace(`${tab.name} is gone`)
      if (world.lockHolder === tab) world.lockHolder = undefined
      abandon()
    },
    dieAfter(count) {
      effectsLeft = count
    },
  }
  world.tabs.push(tab)
  return tab
}

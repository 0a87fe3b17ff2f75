import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { launchBrowser } from '../browser.ts'
import { newFolder, ROOT, removeFolder } from '../collector.ts'
import {
  CHROMIUM,
  type ChromiumBrowser,
  type ChromiumTab,
  drive,
  startChromium,
} from './chromium.ts'
import { untilBatches } from './gate.ts'
import { startFlush, trackerIsThere } from './page-calls.ts'
import { type Scenario, scenario } from './scenario.ts'
import type { World } from './world.ts'

type ChromiumWorld = World<ChromiumBrowser>

/** What a page has inline until the tracker is there. */
const STUB = join(ROOT, 'packages/browser-sdk/dist/tributary.stub.js')

const DAY_MS = 86_400_000
const CLOCKS: Record<string, number> = { 'a day': DAY_MS, 'ten years': 3652 * DAY_MS }

/** A page's clock that {@link setClockBack} can set; in place before any script, which may keep `Date.now` itself. */
function installClock(behindMs: number): void {
  const Real = Date
  const clock = { behindMs }
  globalThis.Date = class extends Real {
    constructor(...args: [] | [number]) {
      super(...(args.length > 0 ? (args as [number]) : ([Real.now() - clock.behindMs] as const)))
    }
    static override now(): number {
      return Real.now() - clock.behindMs
    }
  } as DateConstructor
  Object.assign(globalThis, { clock })
}

function setClockBack(behindMs: number): void {
  Object.assign((globalThis as unknown as { clock: object }).clock, { behindMs })
}

/** Markup of a page whose clock is behind by so much. */
function clockHead(behindMs: number): string {
  return `<script>(${installClock})(${behindMs})</script>`
}

/** Whether the page came from the back/forward cache, as it has noted. */
interface Return {
  isRestored: boolean
  notRestoredReasons: unknown
}

/** Leaves the page, comes back, and sees that it is the very same. */
async function leaveAndReturn({ page, run }: ChromiumTab, elsewhere: string): Promise<void> {
  await run((url) => {
    addEventListener('pageshow', ({ persisted: isRestored }) => {
      const [entry] = performance.getEntriesByType('navigation')
      const { notRestoredReasons } = entry as unknown as Return
      Object.assign(globalThis, { returned: { isRestored, notRestoredReasons } })
    })
    setTimeout(() => location.assign(url))
  }, elsewhere)
  await page.waitForURL(elsewhere)
  await sleep(300)
  await run(() => void setTimeout(() => history.back()))
  // A page that is restored is not loaded again.
  await page.waitForURL((url) => url.href !== elsewhere, { waitUntil: 'commit' })
  const returned = await run(() => (globalThis as unknown as { returned?: Return }).returned)
  expect(returned).toEqual({ isRestored: true, notRestoredReasons: null })
}

/** An open page, with requests under way that are answered only after it was left. */
async function openWhileSending(world: ChromiumWorld): Promise<ChromiumTab> {
  const { gate } = world
  const tab = await world.open()
  gate.fate = () => ({ heldMs: 1500 })
  await world.track(tab, 10)
  await tab.run(startFlush)
  await untilBatches(gate, 1)
  return tab
}

/** Ways to go, for a page that has just made its events. */
const LEAVES: Record<string, (world: World, tab: ChromiumTab) => Promise<unknown>> = {
  closed: (world, tab) => world.close(tab),
  'left for another page': (world, tab) => tab.page.goto(world.gate.elsewhere),
  'left for another site': (_, tab) => tab.page.goto('about:blank'),
}

/** What may become of a page that is left, and of one whose clock is not what it was. */
export const LEAVING: Scenario[] = [
  ...Object.entries(LEAVES).map(([way, leave]) =>
    scenario<ChromiumBrowser>(
      [CHROMIUM],
      `${way} right after 20 calls of a cold page, then opened again`,
      async (world) => {
        const tab = await world.open()
        await world.trackAtOnce(tab, 20)
        await leave(world, tab)
        await world.open()
      },
    ),
  ),
  // A tab that is closed while a script is still to come: Chromium tells its page nothing of it, no `pagehide` either.
  ...['closed', 'left for another page'].map((way) =>
    scenario<ChromiumBrowser>(
      [CHROMIUM],
      `${way} before the tracker has arrived, with calls that the stub keeps, then opened again`,
      async (world) => {
        const { gate } = world
        gate.head = `<script>${readFileSync(STUB, 'utf8')}</script>`
        gate.withholdsScripts = true
        const tab = await world.browser().open(gate.url)
        await world.trackAtOnce(tab, 20)
        await LEAVES[way]?.(world, tab)
        gate.withholdsScripts = false
        await world.open()
      },
    ),
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'restored from the back/forward cache it goes on',
    async (world) => {
      const tab = await world.open()
      await world.track(tab, 10)
      await leaveAndReturn(tab, world.gate.elsewhere)
      await world.track(tab, 10)
    },
  ),
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'left while a flush is open, it is restored from the back/forward cache and goes on',
    async (world) => {
      const tab = await openWhileSending(world)
      await world.trackAtOnce(tab, 10)
      await leaveAndReturn(tab, world.gate.elsewhere)
      world.gate.fate = () => 'pass'
      await world.track(tab, 10)
    },
  ),
  ...Object.entries(CLOCKS).flatMap(([span, ms]) => [
    scenario(
      [CHROMIUM],
      `the clock is set back by ${span} while the page waits to try again`,
      async (world) => {
        world.gate.head = clockHead(0)
        world.gate.fate = () => ({ status: 503, headers: { 'retry-after': '1' } })
        const tab = await world.open()
        await world.track(tab, 10)
        await untilBatches(world.gate, 1)
        await tab.run(setClockBack, ms)
        await world.track(tab, 10)
        world.gate.fate = () => 'pass'
      },
    ),
    scenario<ChromiumBrowser>(
      [CHROMIUM],
      `the clock is set back by ${span} after a tab has crashed in the middle of a request`,
      async (world) => {
        await world.crash(await openWhileSending(world))
        world.gate.head = clockHead(ms)
        await world.track(await world.open(), 10)
      },
    ),
  ]),
  ...scenario(
    [CHROMIUM],
    'a private window: offline, closed, another page of the window',
    async (world) => {
      const browser = await launchBrowser()
      try {
        const context = await browser.newContext()
        const tab = await drive(await context.newPage())
        await tab.page.goto(world.gate.url)
        await tab.run(trackerIsThere)
        await world.setOffline(true)
        await tab.setOffline(true)
        await world.track(tab, 20)
        await tab.close()
        await world.setOffline(false)
        await (await context.newPage()).goto(world.gate.url)
        await world.settled()
      } finally {
        await browser.close()
      }
    },
  ),
  ...scenario([CHROMIUM], 'the person allows sites no storage', async (world) => {
    const profile = newFolder()
    mkdirSync(join(profile, 'Default'))
    const noStorage = { profile: { default_content_setting_values: { cookies: 2 } } }
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(noStorage))
    const browser = await startChromium(profile)
    try {
      const tab = await browser.open(world.gate.url)
      await tab.run(trackerIsThere)
      await expect(tab.run(() => localStorage.length)).rejects.toThrow('SecurityError')
      await world.setOffline(true)
      await world.track(tab, 20)
      await world.setOffline(false)
      await world.settled()
      // The last that a page does: nothing but the request that outlives it can save these.
      await world.trackAtOnce(tab, 20)
      await tab.page.goto('about:blank')
      await world.settled()
    } finally {
      await browser.close()
      removeFolder(profile)
    }
  }),
].flat()

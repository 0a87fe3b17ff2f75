import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Random } from '../crash/random.ts'
import { CHROMIUM } from './chromium.ts'
import type { Tab } from './engine.ts'
import { FIREFOX } from './firefox.ts'
import type { Fate } from './gate.ts'
import { trackPersisted } from './page-calls.ts'
import { type Scenario, scenario } from './scenario.ts'
import { WEBKIT } from './webkit.ts'
import type { World } from './world.ts'

const ENGINES = [FIREFOX, WEBKIT, CHROMIUM]

/** Pages at a time where there are many; how often some of them end, and how many. */
const TABS = 10
const WAVES = 2
const ENDING = 3

/** A page that is offline, and whatever becomes of it; then another one, online. */
function losing(happen: (world: World, tab: Tab) => Promise<unknown>) {
  return async (world: World) => {
    const tab = await world.open()
    await world.setOffline(true)
    await happen(world, tab)
    await world.setOffline(false)
    await world.open()
  }
}

/** One request in five fails, in one way or another. */
function someFail(random: Random): Fate {
  if (!random.happens(0.2)) return 'pass'
  const refused = { status: 429, headers: { 'retry-after': '1' } }
  return random.pick<Fate>(['cut', 'lost', { status: 503 }, refused])
}

/** Tracks in each of the tabs; what a tab that ends cannot tell any more was promised to nobody. */
async function trackInAll({ random, owed }: World, tabs: ReadonlySet<Tab>): Promise<void> {
  const tracking = [...tabs].map(async (tab) => {
    const ids = await tab.run(trackPersisted, random.whole(1, 10)).catch(() => [])
    for (const id of ids) owed.add(id)
  })
  await Promise.all(tracking)
}

/** Closes or kills some of the tabs. */
async function endSome(world: World, tabs: Set<Tab>): Promise<void> {
  for (const victim of world.random.shuffle([...tabs]).slice(0, ENDING)) {
    if (!tabs.delete(victim)) continue
    if (world.random.happens(0.5)) await world.close(victim)
    else for (const tab of await world.crash(victim)) tabs.delete(tab)
  }
}

async function manyTabs(world: World): Promise<void> {
  const { random, gate, owed } = world
  gate.fate = () => someFail(random)
  const tabs = new Set<Tab>()
  for (let wave = 0; wave < WAVES; wave++) {
    while (tabs.size < TABS) tabs.add(await world.open())
    const tracking = trackInAll(world, tabs)
    await sleep(random.whole(0, 400))
    await endSome(world, tabs)
    await tracking
  }
  expect(owed.size).toBeGreaterThan(TABS)
  if (tabs.size === 0) await world.open()
}

/** What must hold in every engine. */
export const DURABILITY: Scenario[] = [
  ...scenario(
    ENGINES,
    'offline, closed, opened again',
    losing(async (world, tab) => {
      await world.track(tab, 50)
      await world.close(tab)
    }),
  ),
  ...scenario(
    ENGINES,
    'the renderer is killed right after 200 calls',
    losing(async (world, tab) => {
      await world.trackAtOnce(tab, 200)
      await world.crash(tab)
    }),
  ),
  ...scenario(
    [CHROMIUM],
    'the renderer is killed two seconds after 200 calls',
    losing(async (world, tab) => {
      await world.trackAtOnce(tab, 200)
      await sleep(2000)
      await world.crash(tab)
    }),
  ),
  ...scenario(
    [CHROMIUM],
    'the browser is killed three seconds after 200 calls',
    losing(async (world, tab) => {
      await world.trackAtOnce(tab, 200)
      await sleep(3000)
      await world.restart()
    }),
  ),
  ...scenario(
    ENGINES,
    'the browser is killed at any moment after its events were persisted',
    losing(async (world, tab) => {
      await world.track(tab, 50)
      await sleep(world.random.pick([0, world.random.whole(0, 300), world.random.whole(0, 2000)]))
      await world.restart()
    }),
  ),
  ...scenario(ENGINES, 'ten tabs, of which some end, while one request in five fails', manyTabs),
]

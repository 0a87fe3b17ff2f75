import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { CHROMIUM, type ChromiumBrowser } from './chromium.ts'
import { type Fate, untilBatches } from './gate.ts'
import { type Scenario, scenario } from './scenario.ts'
import type { World } from './world.ts'

/** How long a blocker blocks, how many events there are meanwhile, and how many requests they may cost. */
const BLOCKED_MS = 8000
const BLOCKED_EVENTS = 200
const BLOCKED_REQUESTS = 9

/** What the collector in `refuses large bodies` takes, bytes. */
const SMALL_BODY = 8000

/** A fate that batches meet until the page has tried so often. */
function atFirst(world: World, times: number, fate: Fate): (body: string) => Fate {
  return () => (world.gate.batches > times ? 'pass' : fate)
}

/** Tracks while `fate` lasts, which is over after two attempts. */
function onceMended(fateOf: (world: World) => Fate) {
  return async (world: World) => {
    world.gate.fate = atFirst(world, 2, fateOf(world))
    const tab = await world.open()
    await world.track(tab, 30)
    await untilBatches(world.gate, 3)
  }
}

/** Events all the time, for as long as the path is blocked. */
async function trackWhile(world: World, requests: () => number): Promise<void> {
  const tab = await world.open()
  for (let sent = 0; sent < BLOCKED_EVENTS; sent += 10) {
    await world.track(tab, 10)
    await sleep((BLOCKED_MS * 10) / BLOCKED_EVENTS)
  }
  expect(requests()).toBeGreaterThan(0)
  expect(requests()).toBeLessThanOrEqual(BLOCKED_REQUESTS)
}

/** What may stand between a page and the collector. */
export const NETWORK: Scenario[] = [
  ...scenario<ChromiumBrowser>(
    [CHROMIUM],
    'an ad blocker blocks the path for a while',
    async (world) => {
      let blocked = 0
      const path = `${world.gate.origin}/v1/batch`
      await world.browser().context.route(path, (route) => {
        blocked++
        return route.abort('blockedbyclient')
      })
      await trackWhile(world, () => blocked)
      await world.browser().context.unroute(path)
    },
  ),
  ...scenario([CHROMIUM], 'connections on the path are cut for a while', async (world) => {
    world.gate.fate = () => 'cut'
    await trackWhile(world, () => world.gate.batches)
    world.gate.fate = () => 'pass'
  }),
  ...scenario(
    [CHROMIUM],
    'a captive portal answers 200 with its page',
    onceMended(() => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<!doctype html><title>Welcome to our Wi-Fi</title>',
    })),
  ),
  ...scenario(
    [CHROMIUM],
    "a captive portal sends to its own host's login",
    onceMended(({ gate }) => ({
      status: 302,
      headers: { location: gate.elsewhere.replace('127.0.0.1', 'localhost') },
    })),
  ),
  ...scenario(
    [CHROMIUM],
    'a captive portal sends to a login on the same origin',
    onceMended(({ gate }) => ({ status: 302, headers: { location: gate.elsewhere } })),
  ),
  ...scenario([CHROMIUM], 'large bodies are refused with 413', async (world) => {
    world.gate.fate = (body) => (body.length > SMALL_BODY ? { status: 413 } : 'pass')
    const tab = await world.open()
    await world.track(tab, 60)
  }),
  ...scenario(
    [CHROMIUM],
    'the collector is killed and started again while pages track',
    async (world) => {
      const tabs = [await world.open(), await world.open(), await world.open()]
      const track = () =>
        Promise.all(tabs.map((tab) => world.track(tab, world.random.whole(5, 25))))
      for (let kill = 0; kill < 2; kill++) {
        await track()
        await sleep(world.random.whole(0, 2500))
        await world.collector.kill()
        await track()
        await world.collector.start()
      }
    },
    { alone: true },
  ),
]

import { setTimeout as sleep } from 'node:timers/promises'

/**
 * What may befall a page between an event and its delivery. Offline means that the browser says so (`navigator.onLine`)
 * and that the server refuses connections.
 *
 * @typedef {object} World
 * @property {string} tag Marks the events of this run.
 * @property {(isCold?: boolean) => Promise<import('playwright-core').Page>} open A page with the SDK started, ready and a
 *   page view made; a cold one has made none, and the SDK is not ready yet.
 * @property {(page: object) => Promise<void>} startSdk Loads and starts the SDK on a page that has none.
 * @property {() => Promise<void>} goOffline
 * @property {() => Promise<void>} goOnline
 * @property {(page: object) => Promise<void>} crash Ends the page's process.
 * @property {() => Promise<void>} kill Ends all processes of the browser and starts it anew on the same profile.
 * @property {(ms: number) => void} fail The server answers 503 for a while.
 * @property {string} origin Of the pages.
 */

/**
 * Each makes its events, and leaves the world as the visitor finds it later: online, with a page open if `stays`;
 * otherwise a page of the site is then opened again.
 *
 * @type {Record<string, { events: number, stays?: boolean, run(world: World): Promise<void> }>}
 */
export const SCENARIOS = {
  'offline500-live': {
    events: 500,
    stays: true,
    async run(world) {
      const page = await openWarm(world)
      await world.goOffline()
      await paced(page, world.tag, 0, 500)
      await sleep(5000)
      await world.goOnline()
    },
  },
  offline500: {
    events: 500,
    async run(world) {
      const page = await openWarm(world)
      await world.goOffline()
      await paced(page, world.tag, 0, 500)
      await sleep(3000)
      await close(page)
      await world.goOnline()
    },
  },
  close20: {
    events: 20,
    run: (world) => callAndClose(world, true, 0),
  },
  'close20-500ms': {
    events: 20,
    run: (world) => callAndClose(world, true, 500),
  },
  nav20: {
    events: 20,
    stays: true,
    async run(world) {
      const page = await openWarm(world)
      const next = `${world.origin}/next`
      await Promise.all([
        page.waitForURL(next),
        page.evaluate(
          ([tag, url]) => {
            globalThis.bench.track(tag, 0, 20)
            location.href = url
          },
          [world.tag, next],
        ),
      ])
      await world.startSdk(page)
    },
  },
  close20cold: {
    events: 20,
    run: (world) => callAndClose(world, false, 0),
  },
  'crash200-0s': { events: 200, run: (world) => callAndCrash(world, 0) },
  'crash200-2s': { events: 200, run: (world) => callAndCrash(world, 2000) },
  'kill200-3s': {
    events: 200,
    async run(world) {
      const page = await openWarm(world)
      await world.goOffline()
      await paced(page, world.tag, 0, 200)
      await sleep(3000)
      await world.kill()
      await world.goOnline()
    },
  },
  twotabs: {
    events: 200,
    async run(world) {
      const pages = await callInTwoTabs(world)
      for (const page of pages) await close(page)
      await world.goOnline()
    },
  },
  'twotabs-live': {
    events: 200,
    stays: true,
    async run(world) {
      await callInTwoTabs(world)
      await world.goOnline()
    },
  },
  'err503-5s': {
    events: 50,
    stays: true,
    async run(world) {
      const page = await openWarm(world)
      world.fail(5000)
      await paced(page, world.tag, 0, 50)
    },
  },
}

async function callAndClose(world, isWarm, waitMs) {
  const page = await (isWarm ? openWarm(world) : world.open(true))
  await page.evaluate((tag) => void globalThis.bench.track(tag, 0, 20), world.tag)
  await sleep(waitMs)
  await close(page)
  await sleep(2500)
}

async function callAndCrash(world, waitMs) {
  const page = await openWarm(world)
  await world.goOffline()
  await paced(page, world.tag, 0, 200)
  await sleep(waitMs)
  await world.crash(page)
  await world.goOnline()
}

async function callInTwoTabs(world) {
  const pages = [await world.open(), await openWarm(world)]
  await world.goOffline()
  await Promise.all(pages.map((page, tab) => paced(page, world.tag, 100 * tab, 100 * (tab + 1))))
  await sleep(3000)
  return pages
}

async function openWarm(world) {
  const page = await world.open()
  await sleep(2000)
  return page
}

function paced(page, tag, from, to) {
  return page.evaluate((range) => globalThis.bench.paced(...range), [tag, from, to])
}

/** As a person closes a tab: the page hears of it. */
async function close(page) {
  await page.close({ runBeforeUnload: true })
  await sleep(1200)
}

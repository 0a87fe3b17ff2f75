import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../browser.ts'
import {
  type Collector,
  type Event,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from '../collector.ts'
import { RUDDER_BUNDLE, SEGMENT_BUNDLE, type Site, startSite } from './browser-clients.ts'
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts'

let folder: string
let collector: Collector
let browser: Browser
let site: Site
let proxy: FaultyProxy

beforeAll(async () => {
  folder = newFolder()
  collector = await startCollector(await freePort(), folder)
  browser = await launchBrowser()
  site = await startSite()
})

afterEach(() => proxy.close())

afterAll(async () => {
  site?.close()
  await browser?.close()
  await collector?.kill().catch(() => undefined)
  removeFolder(folder)
})

async function openSegment(tab: Page, deliveryStrategy: object): Promise<void> {
  await tab.goto(site.url)
  await tab.addScriptTag({ path: SEGMENT_BUNDLE })
  await tab.evaluate(
    async ({ settings, strategy }) => {
      // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
      const page = window as any
      page.analytics = page.AnalyticsNext.AnalyticsBrowser.load(settings, {
        integrations: { 'Segment.io': { deliveryStrategy: strategy } },
      })
      await page.analytics.ready()
    },
    { settings: { writeKey: WRITE_KEY, cdnURL: proxy.url }, strategy: deliveryStrategy },
  )
}

async function track(tab: Page, event: string): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: set above
  await tab.evaluate((name) => void (window as any).analytics.track(name), event)
}

async function leave(tab: Page): Promise<void> {
  await tab.goto(`${site.url}next`)
}

/** Time to leave a page after its event was stored and before it knows. */
const IN_FLIGHT_MS = 3000

const stored = (name: string): Promise<Event[]> =>
  waitForEvents(collector.url, 1, ({ event }) => event === name)

/** Waits until the proxy has passed these on since the test began, and gives the events of the name that are stored. */
async function storedAfter(paths: string[], event: string): Promise<Event[]> {
  await expect.poll(() => proxy.seen.map(({ path }) => path), { timeout: 20_000 }).toEqual(paths)
  return stored(event)
}

test('analytics-next, standard: what is in flight is sent again by the next page, and stored once', async () => {
  proxy = await startFaultyProxy(collector.url, 'slow', IN_FLIGHT_MS)
  const tab = await browser.newPage()
  await openSegment(tab, {})
  await track(tab, 'Left Standard')
  expect(await stored('Left Standard')).toHaveLength(1)
  expect(proxy.seen).toEqual([])
  await leave(tab)
  await openSegment(tab, {})
  expect(await storedAfter(['/v1/t', '/v1/t'], 'Left Standard')).toHaveLength(1)
})

test('analytics-next, batching: what waits is sent with keepalive', async () => {
  proxy = await startFaultyProxy(collector.url, 'slow')
  const tab = await browser.newPage()
  await openSegment(tab, { strategy: 'batching' })
  await track(tab, 'Left Batching')
  await leave(tab)
  expect(await storedAfter(['/v1/b'], 'Left Batching')).toHaveLength(1)
})

test('@rudderstack/analytics-js: what waits is sent by beacon', async () => {
  proxy = await startFaultyProxy(collector.url, 'slow')
  const tab = await browser.newPage()
  await tab.goto(site.url)
  await tab.addScriptTag({ path: RUDDER_BUNDLE })
  await tab.evaluate(
    async ({ writeKey, url }) => {
      // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
      const page = window as any
      page.analytics = new (page.rudderanalytics ?? page).RudderAnalytics()
      page.analytics.load(writeKey, url, { configUrl: url, useBeacon: true })
      await new Promise<void>((done) => page.analytics.ready(done))
    },
    { writeKey: WRITE_KEY, url: proxy.url },
  )
  await track(tab, 'Left By Beacon')
  await leave(tab)
  expect(await storedAfter(['/beacon/v1/batch'], 'Left By Beacon')).toHaveLength(1)
})

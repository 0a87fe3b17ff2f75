import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBrowser } from './browser.ts'
import {
  type Collector,
  exportEvents,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

let folder: string
let collector: Collector
let browser: BrowserContext
let site: Server

beforeEach(async () => {
  folder = newFolder()
  collector = await startCollector(await freePort(), join(folder, 'data'))
  browser = await openBrowser(join(folder, 'profile'))
  site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Client</title>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
})

afterEach(async () => {
  site.close()
  await browser.close()
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

/** A page on an origin of its own with a published bundle in it, unmodified. */
async function openPage(bundle: string): Promise<{ tab: Page; posts: string[] }> {
  const tab = await browser.newPage()
  const posts: string[] = []
  tab.on('request', (request) => {
    if (request.method() === 'POST') posts.push(new URL(request.url()).pathname)
  })
  await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
  await tab.addScriptTag({ content: readFileSync(join(ROOT, 'node_modules', bundle), 'utf8') })
  return { tab, posts }
}

const SEGMENT = '@segment/analytics-next/dist/umd/index.js'

test.for([
  ['standard', {}],
  [
    'batching',
    { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 4 } } } },
  ],
] as const)(
  '@segment/analytics-next (%s) delivers by changing where it loads its settings',
  async ([mode, integrations]) => {
    const { tab, posts } = await openPage(SEGMENT)
    await tab.evaluate(
      async ({ writeKey, cdnURL, options }) => {
        // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
        const { AnalyticsBrowser } = (window as any).AnalyticsNext
        const analytics = AnalyticsBrowser.load({ writeKey, cdnURL }, { integrations: options })
        await analytics.page('Home')
        await analytics.identify('u1', { email: 'ada@example.com' })
        await analytics.track('Bought', { total: 9 })
        await analytics.group('g1', { name: 'Engines' })
      },
      { writeKey: WRITE_KEY, cdnURL: collector.url, options: integrations },
    )
    const events = await waitForEvents(collector.url, 4)
    expect(events.map(({ type }) => type).sort()).toEqual(['group', 'identify', 'page', 'track'])
    expect(events.find(({ type }) => type === 'track')).toMatchObject({
      userId: 'u1',
      properties: { total: 9 },
      context: { ip: '127.0.0.1', page: { title: 'Client' } },
    })
    await tab.waitForTimeout(1000)
    expect(posts.filter((path) => path !== '/v1/m')).toHaveLength(mode === 'batching' ? 1 : 4)
    expect(await exportEvents(collector.url)).toHaveLength(4)
  },
)

test('@rudderstack/analytics-js delivers by changing its two addresses', async () => {
  const { tab } = await openPage('@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js')
  await tab.evaluate(
    ({ writeKey, url }) => {
      // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
      const { RudderAnalytics } = (window as any).rudderanalytics ?? (window as any)
      const analytics = new RudderAnalytics()
      analytics.load(writeKey, url, { configUrl: url })
      analytics.page('Home')
      analytics.identify('u1', { email: 'ada@example.com' })
      analytics.track('Bought', { total: 9 })
    },
    { writeKey: WRITE_KEY, url: collector.url },
  )
  const events = await waitForEvents(collector.url, 3)
  expect(events.map(({ type }) => type).sort()).toEqual(['identify', 'page', 'track'])
  expect(events.find(({ type }) => type === 'track')).toMatchObject({
    userId: 'u1',
    properties: { total: 9 },
  })
})

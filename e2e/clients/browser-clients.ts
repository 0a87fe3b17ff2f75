import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { type Event, ROOT, WRITE_KEY } from '../collector.ts'
import type { Client } from './matrix.ts'
import { versionOf } from './node-clients.ts'

const PACKAGES = join(ROOT, 'node_modules')
/** The published bundles, as files. */
export const SEGMENT_BUNDLE: string = join(PACKAGES, '@segment/analytics-next/dist/umd/index.js')
export const RUDDER_BUNDLE: string = join(
  PACKAGES,
  '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js',
)
const JITSU_MODULE = '@jitsu/js/dist/jitsu.es.js'

/** A website for the published browser clients to run in. */
export interface Site {
  url: string
  close(): void
}

/** Serves an empty page on an origin of its own; a module that pages import is served under the name of its package. */
export async function startSite(): Promise<Site> {
  const server = createServer(({ url }, response) => {
    if (url === '/jitsu.js') {
      response.setHeader('content-type', 'text/javascript')
      response.end(readFileSync(join(PACKAGES, JITSU_MODULE)))
    } else {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>Client</title>')
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  }
}

/** The published clients for browsers, unmodified, each delivery by a visitor of its own. */
export function browserClients(
  newVisitor: () => Promise<BrowserContext>,
  siteUrl: () => string,
): Client[] {
  async function visit(run: (tab: Page) => Promise<void>): Promise<() => Promise<void>> {
    const visitor = await newVisitor()
    const tab = await visitor.newPage()
    await tab.goto(siteUrl())
    await run(tab)
    return () => visitor.close()
  }
  return [
    segment('standard', {}, visit),
    segment('batching', { strategy: 'batching', config: { size: 4, timeout: 1500 } }, visit),
    rudder('standard', false, visit),
    rudder('batching', true, visit),
    jitsu(visit),
  ]
}

type Visit = (run: (tab: Page) => Promise<void>) => Promise<() => Promise<void>>

const TYPES = ['group', 'identify', 'page', 'track']

function checkPage(events: Event[]): void {
  expect(events.find(({ type }) => type === 'track')).toMatchObject({
    event: 'Bought',
    properties: { total: 9 },
    context: { page: { title: 'Client' } },
  })
}

function segment(mode: 'standard' | 'batching', deliveryStrategy: object, visit: Visit): Client {
  return {
    name: `\`@segment/analytics-next\` ${versionOf('@segment/analytics-next')}, ${mode}`,
    testedBy: 'package',
    change: '`cdnURL`: the settings name the collector as the place to send to',
    unit: mode === 'batching' ? 'batch' : 'event',
    types: TYPES,
    requests: mode === 'batching' ? 1 : 4,
    deliver: (cdnURL, userId) =>
      visit(async (tab) => {
        await tab.addScriptTag({ path: SEGMENT_BUNDLE })
        await tab.evaluate(
          async ({ settings, userId, strategy }) => {
            // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
            const { AnalyticsBrowser } = (window as any).AnalyticsNext
            const analytics = AnalyticsBrowser.load(settings, {
              integrations: { 'Segment.io': { deliveryStrategy: strategy } },
            })
            await analytics.identify(userId, { email: 'ada@example.com' })
            await analytics.page('Home')
            await analytics.track('Bought', { total: 9 })
            await analytics.group('g1', { name: 'Engines' })
          },
          { settings: { writeKey: WRITE_KEY, cdnURL }, userId, strategy: deliveryStrategy },
        )
      }),
    check(events) {
      checkPage(events)
      expect(events[0]).toMatchObject({ context: { ip: '127.0.0.1' } })
    },
  }
}

function rudder(mode: 'standard' | 'batching', isBatching: boolean, visit: Visit): Client {
  return {
    name: `\`@rudderstack/analytics-js\` ${versionOf('@rudderstack/analytics-js')}, ${mode}`,
    testedBy: 'package',
    change: "the data plane's address, and `configUrl`",
    unit: isBatching ? 'batch' : 'event',
    types: TYPES,
    requests: isBatching ? 1 : 4,
    deliver: (url, userId) =>
      visit(async (tab) => {
        await tab.addScriptTag({ path: RUDDER_BUNDLE })
        await tab.evaluate(
          ({ writeKey, url, userId, isBatching }) => {
            // biome-ignore lint/suspicious/noExplicitAny: the bundle's own global
            const { RudderAnalytics } = (window as any).rudderanalytics ?? (window as any)
            const analytics = new RudderAnalytics()
            analytics.load(writeKey, url, {
              configUrl: url,
              queueOptions: {
                // A second by default.
                minRetryDelay: 200,
                batch: { enabled: isBatching, maxItems: 4 },
              },
            })
            analytics.identify(userId, { email: 'ada@example.com' })
            analytics.page('Home')
            analytics.track('Bought', { total: 9 })
            analytics.group('g1', { name: 'Engines' })
          },
          { writeKey: WRITE_KEY, url, userId, isBatching },
        )
      }),
    check: checkPage,
  }
}

function jitsu(visit: Visit): Client {
  return {
    name: `\`@jitsu/js\` ${versionOf('@jitsu/js')}, browser`,
    testedBy: 'package',
    change: '`host`',
    unit: 'event',
    types: TYPES,
    requests: 4,
    neverRetries: ['unavailable', 'rate-limited', 'answer-lost'],
    deliver: (host, userId) =>
      visit(async (tab) => {
        // A page's own module: the package has no bundle with a global for it.
        const content =
          "import { jitsuAnalytics } from '/jitsu.js'; window.jitsuAnalytics = jitsuAnalytics"
        await tab.addScriptTag({ type: 'module', content })
        await tab.waitForFunction('window.jitsuAnalytics')
        await tab.evaluate(
          async ({ options, userId }) => {
            // biome-ignore lint/suspicious/noExplicitAny: the global from above
            const analytics = (window as any).jitsuAnalytics(options)
            await analytics.identify(userId, { email: 'ada@example.com' })
            await analytics.page({ name: 'Home' })
            await analytics.track('Bought', { total: 9 })
            await analytics.group('g1', { name: 'Engines' })
          },
          { options: { host, writeKey: `${WRITE_KEY}:secret` }, userId },
        )
      }),
    check: checkPage,
  }
}

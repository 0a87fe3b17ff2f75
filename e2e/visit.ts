import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launchBrowser } from './browser.ts'
import { type Event, exportEvents, waitForEvents } from './collector.ts'
import { type UsedCollector, useCollector } from './use-collector.ts'

/** A collector that serves a site, and a visitor whom it has never seen: another one for each test. */
export interface Visit {
  collector: UsedCollector
  /** Of this visitor alone: what a page has stored outlives its tab, and ends with the test. */
  browser: BrowserContext
  /** What is stored since the test began, in the order of the export. */
  events(): Promise<Event[]>
  /** As {@link waitForEvents}, of what is stored since the test began. */
  waitForEvents(count: number, matches?: (event: Event) => boolean): Promise<Event[]>
}

/**
 * Registers the hooks of a test file whose tests are visits. Collector and browser are started once.
 *
 * @param site As for {@link useCollector}.
 */
export function useVisit(site?: string | ((folder: string) => string)): Visit {
  const collector = useCollector(site)
  const earlier = new Set<string>()
  const isOfThisTest = ({ messageId }: Event): boolean => !earlier.has(messageId)
  let browser: Browser

  const visit = {
    collector,
    events: async () => (await exportEvents(collector.url)).filter(isOfThisTest),
    waitForEvents: (count, matches = () => true) =>
      waitForEvents(collector.url, count, (event) => isOfThisTest(event) && matches(event)),
  } as Visit

  beforeAll(async () => {
    browser = await launchBrowser()
  })

  beforeEach(async () => {
    // A test that kills it may have failed before it was there again.
    if (!collector.isRunning()) await collector.restart()
    for (const { messageId } of await exportEvents(collector.url)) earlier.add(messageId)
    visit.browser = await browser.newContext()
  })

  afterEach(() => visit.browser.close())

  afterAll(() => browser?.close())

  return visit
}

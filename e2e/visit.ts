import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { afterEach, beforeEach } from 'vitest'
import { openBrowser } from './browser.ts'
import { type Collector, freePort, newFolder, removeFolder, startCollector } from './collector.ts'

/** A collector that serves a site, and a browser to visit it with. Anew for each test. */
export interface Visit {
  collector: Collector
  browser: BrowserContext
  /** Starts the collector again, where it was, with what it has stored. */
  restart(): Promise<void>
}

/**
 * Registers the hooks of a test file whose tests are visits.
 *
 * @param site Folder of the site, or what makes one in a folder of the test's; by default the shop.
 */
export function useVisit(site?: string | ((folder: string) => string)): Visit {
  const visit = {} as Visit
  let folder: string

  beforeEach(async () => {
    folder = newFolder()
    const served = typeof site === 'function' ? site(folder) : site
    const start = async (port: number): Promise<void> => {
      visit.collector = await startCollector(port, join(folder, 'data'), served)
    }
    await start(await freePort())
    visit.restart = () => start(Number(new URL(visit.collector.url).port))
    visit.browser = await openBrowser(join(folder, 'profile'))
  })

  afterEach(async () => {
    await visit.browser.close()
    await visit.collector.kill().catch(() => undefined)
    removeFolder(folder)
  })

  return visit
}

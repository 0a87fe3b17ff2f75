import { existsSync } from 'node:fs'
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core'
import { CHROMIUM_ARGS, CHROMIUM_PATH } from '../../scripts/chromium.mjs'
import { type Browser, type Engine, expressionOf, type Tab } from './engine.ts'
import { killProcesses, livingProcesses } from './processes.ts'

/** A Chromium, with what only it can do. */
export interface ChromiumBrowser extends Browser {
  open(url: string): Promise<ChromiumTab>
  context: BrowserContext
}

/** A tab of a Chromium. */
export interface ChromiumTab extends Tab {
  page: Page
  devtools: CDPSession
}

/** Chromium, by the DevTools protocol. */
export const CHROMIUM: Engine = {
  name: 'Chromium',
  missing: existsSync(CHROMIUM_PATH) ? undefined : 'no Chromium here',
  parallel: 3,
  start: startChromium,
}

/** {@link Engine.start} of {@link CHROMIUM}. */
export async function startChromium(profile: string): Promise<ChromiumBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM_PATH,
    args: [...CHROMIUM_ARGS],
    // Playwright turns the back/forward cache off; people have it on.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  return {
    head: '',
    context,
    async open(url) {
      const tab = await drive(await context.newPage())
      // Scripts may take as long as a scenario likes.
      await tab.page.goto(url, { waitUntil: 'domcontentloaded' })
      return tab
    },
    async crash(tab) {
      const { page, devtools } = tab as ChromiumTab
      const crashed = page.waitForEvent('crash')
      // It never answers: who would has crashed.
      devtools.send('Page.crash').catch(() => {})
      await crashed
      return [tab]
    },
    async kill() {
      await killProcesses(livingProcesses().filter(({ args }) => args.includes(profile)))
      await context.close().catch(() => {})
    },
    close: () => context.close(),
  }
}

/** Drives a page that Playwright has opened. */
export async function drive(page: Page): Promise<ChromiumTab> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  return {
    page,
    devtools,
    run: (script, ...args) => page.evaluate(expressionOf(script, args)),
    async setOffline(offline) {
      await devtools.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
    },
    async close() {
      const closed = page.waitForEvent('close')
      // Otherwise the page is not told that it ends.
      await page.close({ runBeforeUnload: true })
      await closed
    },
  }
}

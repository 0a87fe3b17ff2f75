import { existsSync } from 'node:fs'
import puppeteer, { type Page } from 'puppeteer-core'
import { type Engine, expressionOf, type Tab } from './engine.ts'
import { familyOf, killProcesses } from './processes.ts'

const EXECUTABLE = process.env.TRIBUTARY_FIREFOX ?? '/usr/bin/firefox-esr'

/** Firefox, by WebDriver BiDi: Playwright drives only a Firefox of its own making. */
export const FIREFOX: Engine = {
  name: 'Firefox',
  missing: existsSync(EXECUTABLE) ? undefined : 'no Firefox here',
  parallel: 1,
  async start(profile) {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: EXECUTABLE,
      headless: true,
      userDataDir: profile,
    })
    const { pid } = browser.process() as { pid: number }
    const tabs = new Map<Tab, Page>()
    return {
      head: '',
      async open(url) {
        const page = await browser.newPage()
        await page.goto(url)
        const tab = drive(page)
        tabs.set(tab, page)
        return tab
      },
      async crash() {
        await killProcesses(familyOf(pid).filter(({ args }) => / tab$/.test(args)))
        const crashed = [...tabs]
        tabs.clear()
        // Firefox keeps a crashed tab and shows that it has crashed.
        for (const [, page] of crashed) await page.close().catch(() => {})
        return crashed.map(([tab]) => tab)
      },
      async kill() {
        await killProcesses(familyOf(pid))
        await browser.close().catch(() => {})
      },
      close: () => browser.close(),
    }
  },
}

function drive(page: Page): Tab {
  return {
    run: <Result>(script: (...args: never[]) => unknown, ...args: unknown[]) =>
      page.evaluate(expressionOf(script, args)) as Promise<Result>,
    setOffline: (isOffline) => page.setOfflineMode(isOffline),
    close: () => page.close(),
  }
}

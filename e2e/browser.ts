import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core'

const OPTIONS: LaunchOptions = {
  executablePath: process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}

/** Starts Chromium on a profile of its own, so that what a page has stored outlives its tab. */
export async function openBrowser(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, OPTIONS)
}

/** Starts Chromium for visitors who know nothing of each other: each takes a `newContext()`. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(OPTIONS)
}

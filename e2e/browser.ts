import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { CHROMIUM_ARGS, CHROMIUM_PATH } from '../scripts/chromium.mjs'

const OPTIONS = { executablePath: CHROMIUM_PATH, args: [...CHROMIUM_ARGS] }

/** Starts Chromium on a profile of its own, so that what a page has stored outlives its tab. */
export async function openBrowser(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, OPTIONS)
}

/** Starts Chromium for visitors who know nothing of each other: each takes a `newContext()`. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(OPTIONS)
}

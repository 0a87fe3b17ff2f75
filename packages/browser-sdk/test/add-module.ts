import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { ScriptSettings } from '../src/start-script.ts'

/**
 * Loads an optional part as its script does, late, into a page that has its tracker.
 *
 * @param settings The script tag's attributes, `data-link-domains` as `linkDomains`.
 */
export async function addModule(
  page: Page,
  name: string,
  settings: ScriptSettings = {},
): Promise<void> {
  await page.evaluate((settings) => {
    Object.assign(tributary, { settings })
  }, settings)
  const chunk = readFileSync(new URL(`../dist/tributary.${name}.js`, import.meta.url), 'utf8')
  await page.evaluate(chunk)
}

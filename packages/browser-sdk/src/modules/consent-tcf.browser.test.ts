import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { bundleOf } from '../../test/bundle.ts'
import { useBrowser } from '../../test/real-browser.ts'
import type { TcfPurposes } from './consent.ts'

/** The IAB's own library for consent managers. */
interface Cmp {
  CmpApi: new (
    cmpId: number,
    version: number,
  ) => { update(tcString: string | null, isDialogueOpen?: boolean): void }
}

declare global {
  var cmp: Cmp
  var cmpApi: InstanceType<Cmp['CmpApi']>
}

/** What people may have said, encoded by `@iabtechlabtcf/core` 1.5.21: consent for purposes and for vendors. */
const NOTHING = 'CQuFeUAQuFeUAAKABBENABEgAAAAAAAAAAYgAAAAAAAA.IAAA.YAAAAAAAAAAA'
const FOR_1_7_8_9_10_AND_VENDOR_123 =
  'CQuFeUAQuFeUAAKABBENABEgAIPAAAAAAAYgA9wAQA9gAAAA.IAAA.YAAAAAAAAAAA'
const FOR_1_2_3_4 = 'CQuFeUAQuFeUAAKABBENABEgAPAAAAAAAAYgAAAAAAAA.IAAA.YAAAAAAAAAAA'
const FOR_1_2_3_4_7_8_9_10 = 'CQuFeUAQuFeUAAKABBENABEgAPPAAAAAAAYgAAAAAAAA.IAAA.YAAAAAAAAAAA'

function find(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    return undefined
  }
}

const stubPath = find('@iabtechlabtcf/stub')
const cmpPath = find('@iabtechlabtcf/cmpapi')?.replace('/cjs/', '/mjs/')
const runs = test.skipIf(!stubPath || !cmpPath)

const world = useBrowser()
let scripts: { sdk: string; stub: string; cmp: string }

beforeAll(async () => {
  if (!stubPath || !cmpPath) return
  const sdk = fileURLToPath(new URL('../../dist/modules/consent.js', import.meta.url))
  scripts = {
    sdk: await bundleOf(sdk, 'consent'),
    stub: readFileSync(stubPath, 'utf8'),
    cmp: await bundleOf(cmpPath, 'cmp'),
  }
})

/** Opens a page whose tracker waits for a consent manager that is not there yet. */
async function open(purposes?: TcfPurposes, vendorId?: number): Promise<Page> {
  await world.context.route('**/shop', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Shop</title>' }),
  )
  const page = await world.context.newPage()
  await page.goto(`${world.origin}/shop`)
  await page.addScriptTag({ content: scripts.sdk })
  await page.evaluate(
    ([given, vendor]) => {
      const sources = [consent.fromTcf(given, vendor)]
      globalThis.tracker = consent.loadWithConsent({ writeKey: 'wk' }, { sources })
    },
    [purposes, vendorId] as const,
  )
  return page
}

/** Adds the stub, as a page has it in its head, and some time later the consent manager. */
async function addCmp(page: Page): Promise<void> {
  await page.addScriptTag({ content: scripts.stub })
  await page.waitForTimeout(400)
  await page.addScriptTag({ content: scripts.cmp })
  await page.evaluate(() => {
    globalThis.cmpApi = new cmp.CmpApi(10, 1)
  })
}

/** The consent manager learns something; the states that follow. */
async function update(page: Page, tcString: string | null, isDialogueOpen?: boolean) {
  return page.evaluate(
    async ([text, open]) => {
      cmpApi.update(text, open)
      await new Promise((resolve) => setTimeout(resolve))
      return tracker.consent()
    },
    [tcString, isDialogueOpen] as const,
  )
}

runs(
  'an answer in the dialogue of a TCF consent manager decides, and an open dialogue does not',
  async () => {
    const page = await open()
    await page.evaluate(() => void tracker.track('Waiting'))
    await addCmp(page)
    expect(await update(page, NOTHING, true)).toEqual({ analytics: 'pending' })
    const answered = await update(page, FOR_1_7_8_9_10_AND_VENDOR_123)
    expect(answered).toEqual({ analytics: 'granted', marketing: 'denied' })
    await page.evaluate(() => tracker.flush())
    await expect.poll(() => world.names()).toEqual(['Waiting'])
    // Opened again, and taken back.
    expect(await update(page, FOR_1_7_8_9_10_AND_VENDOR_123, true)).toEqual(answered)
    expect(await update(page, FOR_1_2_3_4)).toEqual({ analytics: 'denied', marketing: 'granted' })
  },
)

runs('a decision of an earlier visit counts once the consent manager has loaded it', async () => {
  const page = await open()
  await addCmp(page)
  expect(await update(page, FOR_1_2_3_4_7_8_9_10)).toEqual({
    analytics: 'granted',
    marketing: 'granted',
  })
})

runs('a named vendor needs consent too, and categories need all their purposes', async () => {
  const page = await open({ analytics: [1, 8], content: [1, 5] }, 123)
  await addCmp(page)
  expect(await update(page, FOR_1_2_3_4_7_8_9_10)).toEqual({
    analytics: 'denied',
    content: 'denied',
  })
  expect(await update(page, FOR_1_7_8_9_10_AND_VENDOR_123)).toEqual({
    analytics: 'granted',
    content: 'denied',
  })
})

runs('where GDPR does not apply, everything is granted', async () => {
  const page = await open()
  await addCmp(page)
  expect(await update(page, null)).toEqual({ analytics: 'granted', marketing: 'granted' })
})

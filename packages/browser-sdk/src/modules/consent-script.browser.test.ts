import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeEach, expect, test, vi } from 'vitest'
import { useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()
/** Attributes of the script tag beside the key. */
let attributes: string
let head: string

beforeEach(async () => {
  attributes = 'data-consent="pending"'
  head = ''
  const chunk = readFileSync(new URL('../../dist/tributary.consent.js', import.meta.url), 'utf8')
  await world.context.route('**/tributary.consent.js', async (route) => {
    // Late: what the page does meanwhile is kept by its stub.
    await new Promise((resolve) => setTimeout(resolve, 300))
    await route.fulfill({ contentType: 'text/javascript', body: chunk })
  })
  await world.context.route('**/shop', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Shop</title>${head}
        <script async src="/tributary.js" data-write-key="wk" ${attributes}></script>`,
    }),
  )
})

async function open(): Promise<Page> {
  const page = await world.context.newPage()
  await page.goto(`${world.origin}/shop`)
  await page.waitForFunction(() => globalThis.tributary && !Array.isArray(globalThis.tributary))
  return page
}

async function stored(page: Page): Promise<unknown[]> {
  return [
    await page.evaluate(() => Object.keys(localStorage)),
    await page.evaluate(() => indexedDB.databases()),
    await world.context.cookies(),
  ]
}

test('a script tag with data-consent keeps what the stub holds, in memory, until it is granted', async () => {
  head = `<script>
    window.stub = window.tributary = [['page', 'Home'], ['track', 'Early']]
    window.analytics = Object.assign([['track', 'Segment']], { methods: ['track', 'debug', 'use'] })
  </script>`
  const page = await open()
  await page.evaluate(() => {
    stub.push(['track', 'Stale'])
    void tributary.track('Late')
    void analytics.track('Also')
  })
  await page.waitForTimeout(2200)
  expect(await stored(page)).toEqual([[], [], []])
  expect(world.requests).toEqual([])
  await page.evaluate(() => stub.push(['consent', { analytics: true }]))
  await vi.waitFor(
    () => expect(world.names()).toEqual(['page', 'Early', 'Segment', 'Stale', 'Late', 'Also']),
    5000,
  )
  expect(world.requests.flat()[0]?.context?.consent).toEqual({
    categoryPreferences: { analytics: true },
  })
})

test('a script tag reads its options, and decisions come by the global function and by an event', async () => {
  attributes = `data-consent="pending" data-consent-required="stats ads" data-consent-remember
    data-consent-gpc="default" data-consent-gpc-categories="ads sale" data-consent-event="decided"`
  await world.context.addInitScript(() => {
    Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
  })
  const page = await open()
  const states = await page.evaluate(() => {
    const { tributaryConsent, tributary: tracker } = globalThis as unknown as {
      tributaryConsent(update: object): void
      tributary: { consent(): object }
    }
    const before = tracker.consent()
    tributaryConsent({ stats: true })
    dispatchEvent(new CustomEvent('decided', { detail: { ads: true, other: false } }))
    return [before, tracker.consent(), localStorage.getItem('tributary:consent')]
  })
  expect(states).toEqual([
    { stats: 'pending', ads: 'denied', sale: 'denied' },
    { stats: 'granted', ads: 'denied', sale: 'denied', other: 'denied' },
    '{"stats":true,"ads":true,"other":false}',
  ])
})

test('a script tag that starts as granted records at once, one that starts as denied never', async () => {
  head = `<script>window.tributary = [['track', 'Early']]</script>`
  attributes = 'data-consent="denied"'
  const denied = await open()
  await denied.evaluate(() => tributary.track('Late'))
  expect(await stored(denied)).toEqual([[], [], []])
  await denied.close()
  attributes = 'data-consent="granted"'
  const granted = await open()
  await granted.evaluate(() => tributary.flush())
  await vi.waitFor(() => expect(world.names()).toEqual(['Early']), 5000)
})

test('a script tag whose consent is withdrawn leaves nothing behind', async () => {
  attributes = 'data-consent="granted"'
  world.answer = () => ({ status: 503 })
  const page = await open()
  await page.evaluate(async () => {
    await tributary.identify('u1')
    tributary.push(['consent', { analytics: false }])
    await tributary.track('Refused')
  })
  await vi.waitFor(async () => {
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([])
    expect(await world.context.cookies()).toEqual([])
  })
  expect(await page.evaluate(() => tributary.stats())).toMatchObject({ dropped: 2, pending: 0 })
  expect(world.names()).not.toContain('Refused')
})

test.for(['data-consent', 'data-consent="Granted"', 'data-consent="yes"'])(
  'a script tag with %s waits: what is not understood starts nothing',
  async (tag) => {
    attributes = tag
    const page = await open()
    await page.evaluate(() => void tributary.track('Waiting'))
    await page.waitForTimeout(500)
    expect(await stored(page)).toEqual([[], [], []])
    expect(await page.evaluate(() => tributary.stats())).toMatchObject({ pending: 1, dropped: 0 })
  },
)

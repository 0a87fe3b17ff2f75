import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { addModule } from '../../test/add-module.ts'
import { accepted, flush, track, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

/** Opens a page with the overlay in a shadow root that the test can look into. */
async function openOverlay(): Promise<Page> {
  await world.context.addInitScript(() => {
    const { attachShadow } = Element.prototype
    Element.prototype.attachShadow = function (init) {
      return attachShadow.call(this, { ...init, mode: 'open' })
    }
  })
  const page = await world.open()
  await addModule(page, 'overlay')
  return page
}

/** Name and state of each event in the list, newest first. */
async function rows(page: Page): Promise<[name: string, state: string][]> {
  const lines = await page.locator('tributary-overlay details details summary').allInnerTexts()
  return lines.map((line) => {
    const [name = '', state = ''] = line.split('\n')
    return [name, state]
  })
}

async function expectRows(page: Page, ...expected: [name: string, state: string][]): Promise<void> {
  await vi.waitFor(async () => expect(await rows(page)).toEqual(expected), 5000)
}

function expectText(page: Page, text: string): Promise<void> {
  return page.locator('tributary-overlay').getByText(text, { exact: true }).waitFor()
}

test('shows what has become of each event, and accounts that add up', async () => {
  const page = await openOverlay()
  world.answer = (batch) => {
    const results = Object.fromEntries(
      batch.map(({ messageId }, index) => [
        messageId,
        [
          { status: 'accepted' },
          { status: 'duplicate' },
          { status: 'rejected', code: 'plan_violation' },
        ][index],
      ]),
    )
    return { status: 200, body: { success: true, ok: true, results } }
  }
  await expectText(
    page,
    'indexeddb: 0 created = 0 delivered + 0 duplicate + 0 rejected + 0 dropped + 0 pending',
  )
  await page.evaluate(async () => {
    await tributary.page('Home')
    await tributary.identify('u1')
    await tributary.track('Bought', { big: 1n })
    await tributary.track('Sold')
  })
  await expectRows(
    page,
    ['track Sold', 'persisted'],
    ['event', 'dropped · unserialisable'],
    ['identify u1', 'persisted'],
    ['page Home', 'persisted'],
  )
  await page.locator('tributary-overlay').getByText('Flush').press('Enter')
  await expectRows(
    page,
    ['track Sold', 'rejected · plan_violation'],
    ['event', 'dropped · unserialisable'],
    ['identify u1', 'duplicate'],
    ['page Home', 'delivered'],
  )
  await expectText(
    page,
    'indexeddb: 4 created = 1 delivered + 1 duplicate + 1 rejected + 1 dropped + 0 pending',
  )
})

test('opens where the address asks for it', async () => {
  const page = await world.open(`${world.origin}/?tributary_debug`)
  await page.locator('tributary-overlay').waitFor({ state: 'attached' })
})

test('counts the attempts while the collector is down, and names what went wrong', async () => {
  const page = await openOverlay()
  /** Waits for a row with one more attempt at least; the tracker tries again by itself as well. */
  const attempts = async (least: number): Promise<number> => {
    let count = 0
    await vi.waitFor(async () => {
      const [row] = await rows(page)
      count = Number(/^sent \(attempt (\d+)\)$/.exec(row?.[1] ?? '')?.[1])
      expect(count).toBeGreaterThanOrEqual(least)
    }, 5000)
    return count
  }
  world.answer = () => ({ status: 503 })
  await track(page, 'A')
  await flush(page)
  const before = await attempts(1)
  await expectText(page, 'Last error: request_failed 503')
  await world.context.setOffline(true)
  await flush(page)
  await attempts(before + 1)
  await page.locator('tributary-overlay').getByText('Last error: request_failed 0').waitFor()
  world.answer = accepted
  await world.context.setOffline(false)
  await flush(page)
  await expectRows(page, ['track A', 'delivered'])
})

test('an event opens to its JSON, by click and by key', async () => {
  const page = await openOverlay()
  await page.evaluate(() => tributary.track('A', { note: '<img src=x onerror=alert(1)>' }))
  const json = page.locator('tributary-overlay pre')
  const summary = page.locator('tributary-overlay details details summary')
  await summary.click()
  expect(JSON.parse((await json.textContent()) ?? '')).toMatchObject({
    event: 'A',
    properties: { note: '<img src=x onerror=alert(1)>' },
  })
  await summary.press('Enter')
  await json.waitFor({ state: 'hidden' })
  await summary.press('Enter')
  await json.waitFor()
})

test('keeps the last hundred events', async () => {
  const page = await openOverlay()
  await track(page, ...Array.from({ length: 103 }, (_, index) => `E${index}`))
  const names = (await rows(page)).map(([name]) => name)
  expect(names).toHaveLength(100)
  expect([names[0], names[99]]).toEqual(['track E102', 'track E3'])
})

test('can be hidden, and closed for good', async () => {
  const page = await openOverlay()
  await track(page, 'A')
  const overlay = page.locator('tributary-overlay')
  const list = overlay.locator('details details')
  await overlay.getByText('Tributary', { exact: true }).click()
  await list.waitFor({ state: 'hidden' })
  await overlay.getByText('Tributary', { exact: true }).click()
  await list.waitFor()
  await overlay.getByText('Close').press('Enter')
  await overlay.waitFor({ state: 'detached' })
  await track(page, 'B')
})

test("neither the page's CSS nor its policies reach the panel, and nothing reaches the page", async () => {
  world.head = `<style>body *, html > tributary-overlay { display: none !important; opacity: 0; transform: scale(0) }</style>`
  const page = await world.open()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  await page.evaluate(() => {
    const policy = document.createElement('meta')
    policy.httpEquiv = 'Content-Security-Policy'
    policy.content = "style-src 'none'; require-trusted-types-for 'script'"
    document.head.append(policy)
  })
  const before = await page.evaluate(() => document.body.outerHTML)
  await addModule(page, 'overlay')
  await track(page, 'A')
  const seen = await page.evaluate(() => {
    const host = document.querySelector('tributary-overlay') as HTMLElement
    const { display, position, opacity, transform } = getComputedStyle(host)
    const isOnTop = document.elementFromPoint(innerWidth - 40, innerHeight - 40) === host
    return { root: host.shadowRoot, position, display, opacity, transform, isOnTop }
  })
  expect(seen).toEqual({
    root: null,
    position: 'fixed',
    display: 'block',
    opacity: '1',
    transform: 'none',
    isOnTop: true,
  })
  expect(await page.evaluate(() => document.body.outerHTML)).toBe(before)
  expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0)
  expect(complaints).toEqual([])
})

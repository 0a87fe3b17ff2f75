import axe from 'axe-core'
import type { Browser, Cookie, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'
import { ADMIN_TOKEN, callApi, exportEvents, WRITE_KEY } from './collector.ts'
import { newSignedInPage, signIn } from './console-page.ts'
import { useCollector } from './use-collector.ts'

const collector = useCollector()
let browser: Browser
let session: Cookie

beforeAll(async () => {
  browser = await launchBrowser()
  session = await signIn(collector.url)
})

afterAll(async () => {
  await browser.close()
})

/** What the pages have complained of: a refusal by the policy of content shows here. */
const complaints: string[] = []

async function openPage(path: string, page?: Page): Promise<Page> {
  const opened = page ?? (await browser.newPage())
  opened.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  opened.on('pageerror', (error) => complaints.push(String(error)))
  await opened.goto(`${collector.url}${path}`)
  return opened
}

/** A page of the console, signed in. */
async function openConsole(path = '/console', options = {}): Promise<Page> {
  const page = await openPage(path, await newSignedInPage(browser, session, options))
  await page.getByRole('navigation').waitFor()
  complaints.length = 0
  return page
}

async function send(batch: object[]): Promise<void> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const answer = await fetch(`${collector.url}/v1/batch`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

/** Faults that keep people out, as axe finds them, in light and dark. */
async function findBarriers(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Not as a script element: the page's policy refuses those that are not its own.
    await page.evaluate(axe.source)
    // What differs in the dark is the contrast alone.
    const options = colorScheme === 'light' ? {} : { runOnly: ['color-contrast'] }
    const { violations } = await page.evaluate(
      (given) => (window as unknown as { axe: typeof axe }).axe.run(document, given),
      options,
    )
    for (const { id, impact, nodes } of violations) {
      if (impact === 'minor' || impact === 'moderate') continue
      found.push(`${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    }
  }
  return found
}

test('the token begins a session that no script can read, and its end ends it', async () => {
  const page = await openPage('/console')
  await page.getByLabel('Admin token').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('not the admin token').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation').waitFor()

  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({
    name: 'tributary_session',
    httpOnly: true,
    sameSite: 'Strict',
    path: '/',
  })
  expect(cookie?.value).not.toContain(ADMIN_TOKEN)
  const readable = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
  )
  expect(readable).not.toContain(ADMIN_TOKEN)
  expect(readable).not.toContain(cookie?.value)

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Admin token').waitFor()
  expect(await page.context().cookies()).toEqual([])
  await page.close()
})

test('before the first event there is what sends one, and it shows as it arrives', async () => {
  const page = await openConsole()
  await page.getByRole('heading', { name: 'No event has come yet' }).waitFor()
  const [curl] = await page.locator('.code pre').allTextContents()
  expect(curl).toContain(`curl ${collector.url}/v1/track`)
  expect(curl).toContain(WRITE_KEY)
  expect(await findBarriers(page)).toEqual([])

  const answer = await fetch(`${collector.url}/v1/track`, {
    method: 'POST',
    body: /-d '(.*)'/s.exec(curl as string)?.[1] as string,
  })
  expect(answer.status).toBe(200)
  await page.getByRole('list', { name: 'Events' }).getByText('Order Completed').waitFor()
  expect(await page.getByText('No event has come yet').count()).toBe(0)
  expect(complaints).toEqual([])
  await page.close()
})

test('live events are filtered, paused, walked through by keys and shown whole', async () => {
  const page = await openConsole()
  const rows = page.getByRole('list', { name: 'Events' }).getByRole('button')
  await rows.first().waitFor()
  await send([
    { type: 'page', anonymousId: 'a1', name: 'Start', context: { page: { path: '/' } } },
    {
      type: 'track',
      anonymousId: 'a1',
      event: 'Signed Up',
      context: { delivery: { stream: 's-1', seq: 3 } },
    },
  ])
  await rows.filter({ hasText: 'Signed Up' }).waitFor()
  expect(await rows.count()).toBe(3)

  await page.keyboard.press('/')
  await page.keyboard.type('signed')
  expect(await rows.count()).toBe(1)
  await page.getByLabel('Filter by text').fill('')
  await page.getByLabel('Filter by type').selectOption('page')
  expect(await rows.allTextContents()).toEqual([expect.stringContaining('Start')])
  await page.getByLabel('Filter by type').selectOption('')

  await page.getByRole('button', { name: 'Pause' }).click()
  await send([{ type: 'track', anonymousId: 'a1', event: 'While Paused' }])
  await page.getByText('Paused, 1 waiting').waitFor()
  expect(await rows.count()).toBe(3)
  await page.getByRole('button', { name: 'Go on' }).click()
  expect(await rows.count()).toBe(4)

  await rows.first().focus()
  await page.keyboard.press('j')
  const second = await page.locator('[data-row]:focus').textContent()
  expect(second).toBe(await rows.nth(1).textContent())
  await rows.filter({ hasText: 'Signed Up' }).click()
  const detail = page.getByRole('region', { name: 'Event' })
  expect(await detail.textContent()).toContain('s-1')
  expect(await detail.textContent()).toContain('accepted')
  expect(await findBarriers(page)).toEqual([])
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  await page.close()
})

test('what was refused is grouped, and its replay previewed before it is done', async () => {
  const page = await openConsole('/console/quarantine')
  await page.getByText('Nothing was refused').waitFor()
  await send([
    { type: 'track', anonymousId: 'a1' },
    { type: 'nonsense', anonymousId: 'a2' },
  ])
  await page.getByRole('button', { name: 'Refresh' }).click()
  const group = page.locator('.group').first()
  await group.locator('summary').first().click()
  await group.getByRole('button', { name: 'Preview a replay' }).click()
  await group.getByText('0 would be stored').waitFor()
  await group.locator('.sample summary').first().click()
  await group.getByText('As it came').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints).toEqual([])
  await page.close()
})

test('sources show their keys on demand, and the lake its files by day', async () => {
  const page = await openConsole('/console/sources')
  const card = page.getByRole('region', { name: 'demo' })
  await card.waitFor()
  expect(await page.content()).not.toContain(WRITE_KEY)
  await card.getByRole('button', { name: 'Show' }).click()
  await card.getByText(WRITE_KEY).waitFor()
  expect(await findBarriers(page)).toEqual([])

  await page.getByRole('link', { name: 'Lake' }).click()
  await page.getByText('The lake is empty').waitFor()
  await callApi(collector.url, '/api/drain', 'POST')
  await page.getByRole('button', { name: 'Refresh' }).click()
  const today = new Date().toISOString().slice(0, 10)
  await page.getByRole('row').filter({ hasText: today }).getByText('demo').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints).toEqual([])
  await page.close()
})

test('the shop plays a day, and the console tells of it: charts of the delivery, and who is who', async () => {
  const shop = await openPage('/')
  await shop.getByTestId('play-day').click()
  await shop.getByText('Played.').waitFor({ timeout: 60_000 })
  await shop.getByTestId('console-link').waitFor()
  await shop.close()
  // Of each order of the page, its server tells by the SDK for Node.
  const events = await exportEvents(collector.url)
  const ordersOf = (name: string, library: string) =>
    events
      .filter(({ event, context }) => event === name && context?.library?.name === library)
      .map(({ userId, properties }) => `${userId} ${properties.order_id}`)
      .sort()
  const orders = ordersOf('Order Completed', '@tributary/browser')
  expect(orders).toHaveLength(5)
  expect(ordersOf('Payment Captured', '@tributary/node')).toEqual(orders)
  expect(ordersOf('Order Shipped', '@tributary/node')).toEqual(orders)
  expect(ordersOf('Support Ticket Opened', '@tributary/node')).toHaveLength(1)
  const source = await fetch(`${collector.url}/server.js`)
  expect(source.status).toBe(404)

  const page = await openConsole('/console/delivery')
  await page.getByRole('img', { name: /Events per minute by type: \d{3} events/ }).waitFor()
  expect(await page.locator('.chart canvas').count()).toBe(7)
  expect(await page.getByText('by list price').textContent()).toMatch(/^\$0\.\d+ by/)
  expect(await findBarriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Last month' }).click()
  await page.getByRole('img', { name: /Events per minute by type: \d{3} events/ }).waitFor()

  // Two people at one tablet, and one person at two devices.
  await page.getByRole('link', { name: 'People' }).click()
  await page.getByLabel('Search people').fill('household')
  await page.getByText('begins with').waitFor()
  await page.getByLabel('Search people').fill('mary')
  const people = page.getByRole('list', { name: 'People' })
  await people.getByRole('link').filter({ hasText: 'mary@example.com' }).waitFor()
  expect(await people.getByText('joan').count()).toBe(0)
  expect(await findBarriers(page)).toEqual([])
  expect(complaints).toEqual([])
  await page.close()
})

test('a profile says what joined it, is taken apart, exported and erased', async () => {
  const page = await openConsole('/console/people/userId%3Aada%40example.com')
  await page.getByRole('heading', { name: 'Ada', level: 1 }).waitFor()
  await page.getByRole('img', { name: /named in one event/ }).waitFor()
  const joined = page.getByRole('button', { name: /^Why anonymousId/ })
  expect(await joined.count()).toBe(2)
  for (const name of ['Order Completed', 'Payment Captured', 'Order Shipped']) {
    await page.locator('.timeline li').filter({ hasText: name }).first().waitFor()
  }
  expect(await page.locator('.origin').first().textContent()).toContain('demo')
  expect(await findBarriers(page)).toEqual([])

  await joined.first().click()
  await page.getByRole('button', { name: 'These are two people …' }).click()
  await page.getByRole('button', { name: 'These are two people', exact: true }).click()
  await expect.poll(() => joined.count()).toBe(1)

  await page.getByRole('button', { name: 'Export everything' }).click()
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save the archive' }).click()
  expect((await saving).suggestedFilename()).toMatch(/^tributary-.*\.tar$/)

  await page.getByRole('button', { name: 'Erase the person …' }).click()
  const erase = page.getByRole('button', { name: 'Erase the person', exact: true })
  expect(await erase.isDisabled()).toBe(true)
  await page.getByLabel(/to go on/).fill('userId:ada@example.com')
  await erase.click()
  await page.getByText('Nobody is known by this').waitFor()
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  await page.close()
})

test('a failure above what is still shown keeps nobody out', async () => {
  const page = await openConsole('/console/quarantine')
  await page.locator('.group').first().waitFor()
  await page.route('**/api/quarantine?*', (route) => route.abort())
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('alert').getByText('cannot be reached').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await page.close()
})

test('on a phone nothing is wider than the screen', async () => {
  const page = await openConsole('/console', { viewport: { width: 390, height: 844 } })
  for (const name of ['Live', 'Delivery', 'People', 'Quarantine', 'Sources', 'Lake']) {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.locator('.spinner').first().waitFor({ state: 'detached' })
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(width, name).toBeLessThanOrEqual(390)
  }
  await page.close()
})

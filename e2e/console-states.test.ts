import type { Browser, Cookie, Locator, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'
import { ADMIN_TOKEN, callApi, WRITE_KEY } from './collector.ts'
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

interface View {
  name: string
  path: string
  /** Where its data comes from. */
  api: RegExp
  /** What it says where there is nothing. */
  empty: RegExp
  /** Something that it shows of the data, and nothing else. */
  data: (page: Page) => Locator
  hasRefresh: boolean
}

const LIVE: View = {
  name: 'Live',
  path: '/console',
  api: /\/api\/events\?/,
  empty: /No event has come yet/,
  data: (page) => page.getByRole('list', { name: 'Events' }).getByText('Seen').first(),
  hasRefresh: false,
}

const QUARANTINE: View = {
  name: 'Quarantine',
  path: '/console/quarantine',
  api: /\/api\/quarantine\?/,
  empty: /Nothing was refused/,
  data: (page) => page.locator('.group', { hasText: 'unknown_type' }),
  hasRefresh: true,
}

const VIEWS: View[] = [
  LIVE,
  {
    name: 'Delivery',
    path: '/console/delivery',
    api: /\/api\/series/,
    empty: /Nothing has come in the last hour/,
    data: (page) => page.getByRole('img', { name: /Events per minute by type: \d+ events/ }),
    hasRefresh: false,
  },
  {
    name: 'People',
    path: '/console/people',
    api: /\/api\/profiles\?/,
    empty: /Nobody is known yet/,
    data: (page) => page.getByRole('list', { name: 'People' }).getByText('user-1').first(),
    hasRefresh: true,
  },
  QUARANTINE,
  {
    name: 'Sources',
    path: '/console/sources',
    api: /\/api\/stats/,
    empty: /Stored0/,
    data: (page) => page.getByRole('region', { name: 'demo' }),
    hasRefresh: false,
  },
  {
    name: 'Lake',
    path: '/console/lake',
    api: /\/api\/lake/,
    empty: /The lake is empty/,
    data: (page) => page.getByRole('row').filter({ hasText: 'demo' }),
    hasRefresh: true,
  },
]

const REFRESHED = VIEWS.filter(({ hasRefresh }) => hasRefresh)

/** Each page has a tab of its own for all tests: opening one takes longer than what is looked at. */
const tabs = new Map<View, Page>()

async function tabOf(view: View): Promise<Page> {
  const tab = tabs.get(view) ?? (await newSignedInPage(browser, session))
  tabs.set(view, tab)
  return tab
}

/** Does it on every page, side by side. */
async function onPages(
  views: View[],
  look: (view: View, page: Page) => Promise<void>,
): Promise<void> {
  const looks = views.map(async (view) => {
    const page = await tabOf(view)
    await page.unrouteAll()
    await page.context().addCookies([session])
    await look(view, page).catch((error) => {
      throw new Error(`${view.name}: ${error.message}`, { cause: error })
    })
  })
  await Promise.all(looks)
}

function open(page: Page, { path }: View): Promise<unknown> {
  return page.goto(`${collector.url}${path}`)
}

/** Signs in where the session is over, and waits until the page has what it had. */
async function signInAgain(view: View, page: Page): Promise<void> {
  await page.getByLabel('Admin token').fill(ADMIN_TOKEN)
  await page.keyboard.press('Enter')
  await view.data(page).waitFor()
  expect(new URL(page.url()).pathname).toBe(view.path)
}

async function send(batch: object[]): Promise<void> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const answer = await fetch(`${collector.url}/v1/batch`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

interface Held {
  count(): number
  /** To the collector, or answered with a refusal in its place. */
  letGo(status?: number): void
}

/** Holds requests back until they are let go. */
async function hold(page: Page, api: RegExp): Promise<Held> {
  let held = 0
  let letGo: Held['letGo'] = () => undefined
  const status = new Promise<number | undefined>((done) => {
    letGo = done
  })
  await page.route(api, async (route) => {
    held += 1
    const refusal = await status
    await (refusal === undefined ? route.continue() : refuse(route, refusal))
  })
  return { count: () => held, letGo }
}

function refuse(route: Route, status: number): Promise<void> {
  const body = JSON.stringify({ success: false, code: 'overloaded', message: 'Too much now.' })
  return route.fulfill({ status, body })
}

async function answersWith(page: Page, api: RegExp, status: number): Promise<void> {
  await page.route(api, (route) => refuse(route, status))
}

function top(place: Locator): Promise<number | undefined> {
  return place.boundingBox().then((box) => box?.y)
}

test('every page says what it will show while there is nothing', async () => {
  await onPages(VIEWS, async (view, page) => {
    await open(page, view)
    await page.getByRole('heading', { name: view.name, level: 1 }).waitFor()
    await page.getByRole('main').filter({ hasText: view.empty }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })
})

test('every page says that it waits, in other words when that is long, and why it failed; it tries again, and nothing moves', async () => {
  await send([
    { type: 'track', event: 'Seen', userId: 'user-1' },
    { type: 'nonsense', userId: 'user-1' },
  ])
  await callApi(collector.url, '/api/drain', 'POST')
  await onPages(VIEWS, async (view, page) => {
    const main = page.getByRole('main')
    const alert = page.getByRole('alert')
    const first = await hold(page, view.api)
    await open(page, view)
    const wait = main.getByRole('status')
    await wait.getByText('Loading …').waitFor()
    const heading = page.getByRole('heading', { name: view.name, level: 1 })
    const places = async () => [await top(heading), await top(wait.last())]
    const before = await places()
    await wait.getByText('This takes longer than usual').waitFor()
    expect(await places()).toEqual(before)
    expect(await view.data(page).count()).toBe(0)
    expect(await main.textContent()).not.toMatch(view.empty)

    first.letGo(503)
    await alert.getByText('Too much now.').waitFor()
    expect(await page.getByText('longer than usual').count()).toBe(0)
    expect(await main.textContent()).not.toMatch(view.empty)
    await page.unroute(view.api)
    await page.route(view.api, (route) => route.abort())
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.getByText('cannot be reached').waitFor()

    await page.unroute(view.api)
    const last = await hold(page, view.api)
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.getByRole('button', { name: 'Trying again …' }).waitFor()
    last.letGo()
    await view.data(page).waitFor()
    expect(await alert.count()).toBe(0)
    expect(await top(heading)).toBe(before[0])
  })
})

test('what is asked for again stays in its place, marked as old; where that fails it says of when it is', async () => {
  await onPages(REFRESHED, async (view, page) => {
    await view.data(page).waitFor()
    const before = await top(view.data(page))
    const held = await hold(page, view.api)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('Loading …').waitFor()
    const old = page.locator('[aria-busy="true"]').filter({ has: view.data(page) })
    await expect.poll(() => old.evaluate((place) => getComputedStyle(place).opacity)).toBe('0.5')
    expect(await top(view.data(page))).toBe(before)
    held.letGo()
    await old.waitFor({ state: 'detached' })
    expect(await top(view.data(page))).toBe(before)

    await page.unroute(view.api)
    await page.route(view.api, (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway' }))
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('alert').getByText('502 from before it').waitFor()
    await page
      .getByRole('alert')
      .getByText(/What is shown is of \d\d:\d\d:\d\d UTC/)
      .waitFor()
    expect(await view.data(page).isVisible()).toBe(true)
  })
})

test('a session that is over asks for the token, and comes back to the same page', async () => {
  await onPages(VIEWS, async (view, page) => {
    await page.context().clearCookies()
    if (REFRESHED.includes(view)) await page.getByRole('button', { name: 'Refresh' }).click()
    else await page.reload()
    await signInAgain(view, page)
  })
})

test('charts of another range and people of another search are not seen under the new one', async () => {
  const ask = async (page: Page, view: View, range: string, text: string) => {
    if (view.name === 'People') await page.getByLabel('Search people').fill(text)
    else await page.getByRole('button', { name: range }).click()
  }
  const views = VIEWS.filter(({ name }) => ['Delivery', 'People'].includes(name))
  await onPages(views, async (view, page) => {
    await view.data(page).waitFor()
    const held = await hold(page, view.api)
    await ask(page, view, 'Last day', 'nobody')
    await page.getByText('Loading …').waitFor()
    await view.data(page).waitFor({ state: 'hidden' })
    held.letGo()
    await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' })
    if (view.name === 'People') await page.getByText('begins with “nobody”').waitFor()
    else await view.data(page).waitFor()
    // What fails is not answered with what was there of something else.
    await page.unroute(view.api)
    await answersWith(page, view.api, 503)
    await ask(page, view, 'Last month', 'user')
    await page.getByRole('alert').getByText('Too much now.').waitFor()
    expect(await page.locator('.loaded').count()).toBe(0)
  })
})

test('an answer that takes longer than the time between two is waited for', async () => {
  const views = VIEWS.filter(({ name }) => ['Delivery', 'Sources'].includes(name))
  await onPages(views, async (view, page) => {
    await page.clock.install()
    const held = await hold(page, view.api)
    await open(page, view)
    await expect.poll(() => held.count()).toBe(1)
    await page.clock.fastForward(35_000)
    await page.getByText('This takes longer than usual').waitFor()
    expect(held.count()).toBe(1)
    held.letGo()
    await view.data(page).waitFor()
    const next = page.waitForRequest(view.api)
    await page.clock.fastForward(10_000)
    await next
  })
})

test('a live stream that was refused begins again without a gap, and asks for the token where the session is over', async () => {
  const stream = /\/api\/events\/live/
  await onPages([LIVE], async (view, page) => {
    await answersWith(page, stream, 503)
    await open(page, view)
    const status = page.locator('.live-status')
    await status.getByText('Connecting again').waitFor()
    await view.data(page).waitFor()
    await send([{ type: 'track', event: 'In Between', userId: 'user-1' }])
    await page.unroute(stream)
    await status.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('list', { name: 'Events' }).getByText('In Between').waitFor()

    await answersWith(page, stream, 503)
    await page.reload()
    await status.getByText('Connecting again').waitFor()
    await page.context().clearCookies()
    // By itself: nobody touches anything.
    await signInAgain(view, page)
  })
})

test('a sign-out that the collector has not heard of is none', async () => {
  await onPages([LIVE], async (_view, page) => {
    await page.route(/\/console\/session/, (route) => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    const failure = page.getByRole('alert')
    await failure.getByText('cannot be reached').waitFor()
    expect(await page.context().cookies()).toHaveLength(1)
    await page.unroute(/\/console\/session/)
    await failure.getByRole('button', { name: 'Try again' }).click()
    await page.getByLabel('Admin token').waitFor()
    expect(await page.context().cookies()).toHaveLength(0)
  })
})

test('a replay goes through all records of a group by itself, can be stopped, and goes on', async () => {
  await send(Array.from({ length: 6 }, (_, index) => ({ type: 'odd', userId: `odd-${index}` })))
  const api = /\/api\/quarantine\/replay/
  let calls = 0
  // Of two records each, so that a few are many; the collector answers itself.
  const inTwos = (route: Route) => {
    calls += 1
    const order = { ...route.request().postDataJSON(), limit: 2 }
    return route.continue({ postData: JSON.stringify(order) })
  }
  await onPages([QUARANTINE], async (view, page) => {
    await page.route(api, inTwos)
    await open(page, view)
    const group = page.locator('.group').first()
    await group.locator('summary').first().click()
    const preview = group.getByRole('button', { name: 'Preview a replay' })
    await preview.click()
    await group.getByText('7 records looked at: 0 would be stored, 7 still refused').waitFor()
    expect(calls).toBe(4)

    let letGo: () => void = () => undefined
    const isOver = new Promise<void>((done) => {
      letGo = done
    })
    await page.unroute(api)
    await page.route(api, async (route) => {
      if (route.request().postDataJSON().cursor) await isOver
      await inTwos(route)
    })
    calls = 0
    await preview.click()
    await group.getByText('Previewing: 2 records so far').waitFor()
    await group.getByRole('button', { name: 'Stop' }).click()
    letGo()
    await group.getByText('Stopped before the end. 4 records looked at').waitFor()
    expect(calls).toBe(2)
    await group.getByRole('button', { name: 'Go on' }).click()
    await group.getByText('7 records looked at: 0 would be stored').waitFor()
    expect(calls).toBe(4)
  })
})

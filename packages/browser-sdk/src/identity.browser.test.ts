import type { Cookie, Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { DEFAULT_ATTRIBUTES, flush, track, useBrowser } from '../test/real-browser.ts'
import type { Session } from './core/session.ts'

const world = useBrowser()

/** Address of the server under another name. */
const at = (host: string, path = '/'): string => world.origin.replace('127.0.0.1', host) + path

const cookies = async (): Promise<Cookie[]> =>
  (await world.context.cookies()).filter(({ name }) => name === 'tributary_id_js')

const anonymousId = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => tributary.user().anonymousId())

/**
 * Contexts of the events that arrived after a page had sent what it had, in the order of the calls. What a page sends
 * while it is left, the next page sends again: it does not know that it has arrived.
 */
async function contexts(page: Page): Promise<Record<string, unknown>[]> {
  await flush(page)
  const events = new Map(world.events().map((event) => [event.messageId, event.context]))
  const inOrder = [...events].sort(([a], [b]) => (a < b ? -1 : 1))
  return inOrder.map(([, context]) => context as Record<string, unknown>)
}

test.each([
  ['a.b.test', '.b.test'],
  ['b.test', '.b.test'],
  ['www.shop.co.uk', '.shop.co.uk'],
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', 'localhost'],
])('on %s the cookie is for %s', async (host, domain) => {
  const page = await world.open(at(host))
  await track(page, 'A')
  const [cookie, ...others] = await cookies()
  expect(others).toEqual([])
  expect(cookie).toMatchObject({
    domain,
    path: '/',
    sameSite: 'Lax',
    value: await anonymousId(page),
  })
  const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400
  expect(days).toBeGreaterThan(399.9)
  expect(days).toBeLessThanOrEqual(400)
})

test('subdomains share the person, and the cookie wins over what the page remembers', async () => {
  const one = await world.open(at('a.b.test'))
  const id = await anonymousId(one)
  const other = await world.open(at('c.b.test'))
  expect(await anonymousId(other)).toBe(id)
  const [cookie] = await cookies()
  await world.context.addCookies([{ ...(cookie as Cookie), value: 'from-the-collector' }])
  await one.reload()
  await one.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  expect(await anonymousId(one)).toBe('from-the-collector')
  await track(one, 'A')
  await flush(one)
  expect(world.events()[0]?.anonymousId).toBe('from-the-collector')
})

test.each(['a.b.test', 'shop.co.uk'])('on %s each visit makes the cookie live on', async (host) => {
  const page = await world.open(at(host))
  await track(page, 'A')
  const [cookie] = await cookies()
  await world.context.addCookies([{ ...(cookie as Cookie), expires: Date.now() / 1000 + 1000 }])
  await world.open(at(host))
  const [renewed] = await cookies()
  expect((renewed?.expires ?? 0) - Date.now() / 1000).toBeGreaterThan(300 * 86_400)
  expect(renewed?.value).toBe(cookie?.value)
})

test('where localStorage is cleared, the cookie knows the person', async () => {
  const page = await world.open(at('a.b.test'))
  const id = await anonymousId(page)
  await track(page, 'A')
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  expect(await anonymousId(page)).toBe(id)
})

test('reset removes the cookie, and another person gets another', async () => {
  const page = await world.open(at('a.b.test'))
  const old = await anonymousId(page)
  await page.evaluate(() => tributary.reset())
  expect(await cookies()).toEqual([])
  await track(page, 'A')
  const [cookie] = await cookies()
  expect(cookie?.value).toBe(await anonymousId(page))
  expect(cookie?.value).not.toBe(old)
})

test('a page that has no id yet takes the one that another subdomain has made since', async () => {
  const page = await world.open(at('a.b.test'))
  const other = await world.open(at('c.b.test'))
  await track(other, 'A')
  await track(page, 'B')
  expect(await anonymousId(page)).toBe(await anonymousId(other))
})

test('without a cookie domain there is no cookie, one of that name is not looked at, and the id is kept all the same', async () => {
  world.attributes = `${DEFAULT_ATTRIBUTES} data-cookie-domain="none"`
  const foreign = { name: 'tributary_id_js', value: 'foreign', domain: '.b.test', path: '/' }
  await world.context.addCookies([foreign])
  const page = await world.open(at('a.b.test'))
  const id = await anonymousId(page)
  expect(id).not.toBe('foreign')
  await world.context.clearCookies()
  await track(page, 'A')
  expect(await cookies()).toEqual([])
  await page.reload()
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  expect(await anonymousId(page)).toBe(id)
})

test('the cookie has the name and the domain that the script tag says', async () => {
  world.attributes = `${DEFAULT_ATTRIBUTES} data-cookie-name="who" data-cookie-domain="a.b.test"`
  const page = await world.open(at('a.b.test'))
  await page.evaluate(() => tributary.setAnonymousId('é; x=1'))
  expect(await world.context.cookies()).toMatchObject([{ name: 'who', domain: '.a.b.test' }])
  await page.reload()
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  expect(await anonymousId(page)).toBe('é; x=1')
})

test('a session goes on over pages and tabs, and ends after half an hour without a call', async () => {
  const page = await world.context.newPage()
  await page.clock.install()
  const visit = async (path: string): Promise<void> => {
    await page.goto(at('127.0.0.1', path))
    await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
    await track(page, path)
  }
  await visit('/1')
  await page.clock.fastForward(29 * 60_000)
  await visit('/2')
  await page.clock.fastForward(29 * 60_000)
  await visit('/3')
  await page.clock.fastForward(31 * 60_000)
  await visit('/4')
  await page.clock.runFor(1000)
  await vi.waitFor(async () => expect(await contexts(page)).toHaveLength(4), 5000)
  const sessions = (await contexts(page)).map(({ session }) => session as Session)
  expect(sessions.map(({ index }) => index)).toEqual([0, 0, 0, 1])
  expect(new Set(sessions.map(({ id }) => id)).size).toBe(2)
})

test('campaign and clicks of the landing stay with the session', async () => {
  const page = await world.open(at('127.0.0.1', '/land?utm_campaign=c&utm_source=s&gclid=g'))
  await track(page, 'A')
  await page.goto(world.origin)
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  await track(page, 'B')
  const landed = { campaign: { name: 'c', source: 's' }, clickIds: { gclid: 'g' } }
  await vi.waitFor(async () => {
    expect(await contexts(page)).toMatchObject([landed, landed])
  }, 3000)
})

test('the referrer of a view in a single-page app is the view before', async () => {
  const page = await world.context.newPage()
  await page.goto(at('localhost', '/from'))
  await page.evaluate((url) => location.assign(url), at('127.0.0.1', '/1'))
  await page.waitForURL(at('127.0.0.1', '/1'))
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  await page.evaluate(() => {
    void tributary.page()
    history.pushState(null, '', '/2')
    void tributary.page()
    void tributary.track('on 2')
    location.hash = 'part'
    void tributary.page()
    history.pushState(null, '', '/3')
    void tributary.page()
  })
  await flush(page)
  const pages = world.events().map(({ context }) => context?.page)
  expect(pages.map((facts) => facts?.referrer)).toEqual(
    ['localhost:/', '127.0.0.1:/1', '127.0.0.1:/1', '127.0.0.1:/1', '127.0.0.1:/2'].map((place) => {
      const [host, path] = place.split(':')
      return at(host as string, path)
    }),
  )
  expect(pages.map((facts) => facts?.path)).toEqual(['/1', '/2', '/2', '/2', '/3'])
})

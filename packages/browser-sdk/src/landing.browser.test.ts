import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addModule } from '../test/add-module.ts'
import { flush, track, useBrowser } from '../test/real-browser.ts'
import { linkValue } from './core/landing-ids.ts'

const world = useBrowser()

/** The same server under another name: another origin and another site. */
function elsewhere(path: string): string {
  return `${world.origin.replace('127.0.0.1', 'localhost')}${path}`
}

/** Where the page is, as its person sees it. */
function addressOf(page: Page): Promise<string> {
  return page.evaluate(() => location.href)
}

test('a link takes its visitor to another origin as the same one, and leaves no trace there', async () => {
  const page = await world.open()
  await track(page, 'Here')
  await addModule(page, 'links', { linkDomains: 'localhost' })
  await page.evaluate((href) => {
    document.body.innerHTML = `<a href="${href}">Shop</a>`
  }, elsewhere('/b?q=%20+x#top'))
  await page.click('a')
  await page.waitForURL('**/b*')
  await page.waitForFunction(() => globalThis.tributary && !Array.isArray(globalThis.tributary))
  await track(page, 'There')
  await flush(page)
  const here = world.requests.flat().find((event) => event.type === 'track')
  const there = world.requests
    .flat()
    .find((event) => event.type === 'track' && event.event === 'There')
  expect(here?.anonymousId).toMatch(/^[0-9a-f-]{36}$/)
  expect(there).toMatchObject({
    anonymousId: here?.anonymousId,
    context: { page: { url: elsewhere('/b?q=%20+x'), search: '?q=%20+x' } },
  })
  expect(await addressOf(page)).toBe(elsewhere('/b?q=%20+x#top'))
  await page.reload()
  await track(page, 'Later')
  expect(await page.evaluate(() => tributary.user().anonymousId())).toBe(here?.anonymousId)
})

test('a link that was copied makes nobody the same person, and leaves the address as well', async () => {
  const value = linkValue('somebody', Date.now() - 121_000, 'u1')
  const page = await world.open(`${world.origin}/?tributary_link=${value}&a=1#b`)
  await track(page, 'E')
  await flush(page)
  expect(world.requests[0]?.[0]?.anonymousId).toMatch(/^[0-9a-f-]{36}$/)
  expect(world.requests[0]?.[0]).not.toHaveProperty('userId')
  expect(await addressOf(page)).toBe(`${world.origin}/?a=1#b`)
})

test("Segment's parameters say who it is, before the first call of the page", async () => {
  world.head = "<script>window.tributary = [['track', 'Early']]</script>"
  const address = `${world.origin}/?ajs_aid=a1&ajs_uid=u%401`
  const page = await world.open(address)
  await track(page, 'E')
  await flush(page)
  for (const event of world.requests.flat()) {
    expect(event).toMatchObject({ anonymousId: 'a1', userId: 'u@1' })
  }
  expect(world.names().sort()).toEqual(['E', 'Early', 'identify'])
  expect(await addressOf(page)).toBe(address)
})

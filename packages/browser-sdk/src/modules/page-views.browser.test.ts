import type { PageEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { addModule, flush, useBrowser } from '../../test/real-browser.ts'

const world = useBrowser()

/** Path with query, title, address and referrer of each page call that arrived; the last two without the origin. */
function views(): unknown[] {
  // A view that was sent while the page was going is in the queue still, and sent again by the next page.
  const events = [...new Map(world.events().map((event) => [event.messageId, event])).values()]
  return events.map((event) => {
    const { type, properties, context } = event as PageEvent
    expect({ type, page: context?.page }).toEqual({ type: 'page', page: properties })
    const { path, search, title, url, referrer } = properties as Record<string, string>
    return [`${path}${search}`, title, url, referrer].map((text) => text?.replace(world.origin, ''))
  })
}

/** Waits until `count` page calls have arrived, and a little longer for one too many. */
async function arrived(page: Page, count: number): Promise<unknown[]> {
  await vi.waitFor(async () => {
    await flush(page)
    expect(world.events().length).toBeGreaterThanOrEqual(count)
  }, 5000)
  await page.waitForTimeout(300)
  await flush(page)
  return views()
}

/** Each test runs with the Navigation API, and as in a browser without it. */
const APIS = [
  ['with the Navigation API', ''],
  ['with the History API alone', '<script>delete window.navigation</script>'],
] as const

test.for(APIS)(
  'each change of path or query is one view, referred by the last: %s',
  async (api) => {
    world.head = api[1]
    const page = await world.open(`${world.origin}/a?x=1#top`)
    expect(await page.evaluate(() => 'navigation' in globalThis)).toBe(api[1] === '')
    await addModule(page, 'page-views')
    await page.evaluate(async () => {
      const settled = () => new Promise((resolve) => setTimeout(resolve, 200))
      history.pushState(null, '', '/b')
      document.title = 'B'
      await settled()
      history.replaceState(null, '', '/b?y=2')
      await settled()
      history.replaceState({ same: true }, '', '/b?y=2')
      location.hash = 'part'
      await settled()
      history.go(-1)
      await settled()
      history.go(-1)
      await settled()
    })
    expect(await arrived(page, 4)).toEqual([
      ['/a?x=1', 'Shop', '/a?x=1', ''],
      ['/b', 'B', '/b', '/a?x=1'],
      ['/b?y=2', 'B', '/b?y=2', '/b'],
      ['/a?x=1', 'B', '/a?x=1', '/b?y=2'],
    ])
  },
)

test.for(APIS)('navigations in a burst are each a view, a redirect is none: %s', async (api) => {
  world.head = api[1]
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'page-views', { pageViews: 'changes' })
  await page.evaluate(() => {
    history.pushState(null, '', '/b')
    history.pushState(null, '', '/guarded')
    history.replaceState(null, '', '/login')
    document.title = 'Log in'
    history.pushState(null, '', '/back')
    history.replaceState(null, '', '/login')
  })
  expect(await arrived(page, 2)).toEqual([
    ['/b', 'Shop', '/b', '/a'],
    ['/login', 'Log in', '/login', '/b'],
  ])
})

test.for(APIS)(
  'an app that sets its title late is waited for, a track call is not: %s',
  async (api) => {
    world.head = api[1]
    const page = await world.open(`${world.origin}/a`)
    await addModule(page, 'page-views', { pageViews: 'changes' })
    const calledAtMs = await page.evaluate(async () => {
      history.pushState(null, '', '/b')
      const now = Date.now()
      await new Promise((resolve) => setTimeout(resolve, 50))
      document.title = 'B'
      return now
    })
    expect(await arrived(page, 1)).toEqual([['/b', 'B', '/b', '/a']])
    const { timestamp } = world.events()[0] as { timestamp: string }
    expect(Math.abs(Date.parse(timestamp) - calledAtMs)).toBeLessThan(40)
  },
)

test('the view of a navigation that the app handles itself has the title at its end', async () => {
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'page-views', { pageViews: 'changes' })
  await page.evaluate(async () => {
    navigation.addEventListener('navigate', (event) =>
      event.intercept({
        async handler() {
          await new Promise((resolve) => setTimeout(resolve, 400))
          if (event.destination.url.endsWith('bad')) throw new Error('not found')
          document.title = event.destination.url.slice(-1)
        },
      }),
    )
    await navigation.navigate('/b').finished
    await new Promise((resolve) => setTimeout(resolve, 200))
    await navigation.navigate('/bad').finished?.catch(() => {})
  })
  expect(await arrived(page, 2)).toEqual([
    ['/b', 'b', '/b', '/a'],
    ['/bad', 'b', '/bad', '/b'],
  ])
})

test('a view that the page is left from at once is not lost', async () => {
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'page-views', { pageViews: 'changes' })
  await page.evaluate(() => {
    history.pushState(null, '', '/b')
    document.title = 'B'
    location.href = 'about:blank'
  })
  await page.waitForURL('about:blank')
  await world.open(`${world.origin}/later`)
  await vi.waitFor(() => expect(views()).toEqual([['/b', 'B', '/b', '/a']]), 5000)
})

test('a fragment is a view only where that is asked for', async () => {
  const page = await world.open(`${world.origin}/a#/one`)
  await addModule(page, 'page-views', { pageViewsHash: '' })
  await page.evaluate(() => {
    location.hash = '/two'
  })
  expect(await arrived(page, 2)).toEqual([
    ['/a#/one', 'Shop', '/a#/one', ''],
    ['/a#/two', 'Shop', '/a#/two', '/a#/one'],
  ])
})

test('the first view has the canonical address, as every page call', async () => {
  world.head = '<link rel="canonical" href="https://shop.example/product">'
  const page = await world.open(`${world.origin}/p?id=7`)
  await addModule(page, 'page-views')
  expect(await arrived(page, 1)).toEqual([
    ['/product?id=7', 'Shop', 'https://shop.example/product?id=7', ''],
  ])
})

test('a part that is there before the tracker starts with it', async () => {
  world.head = `<script>window.tributary = Object.assign([], { settings: {} })</script>
    <script src="/tributary.page-views.js"></script>`
  const page = await world.open(`${world.origin}/a`)
  expect(await arrived(page, 1)).toEqual([['/a', 'Shop', '/a', '']])
})

test('a page that is rendered ahead of time is viewed when it is shown', async () => {
  const page = await world.open(`${world.origin}/a`)
  await page.evaluate(() => Object.defineProperty(document, 'prerendering', { value: true }))
  await addModule(page, 'page-views')
  await page.evaluate(() => history.replaceState(null, '', '/b'))
  await page.waitForTimeout(300)
  await flush(page)
  expect(world.events()).toEqual([])
  await page.evaluate(() => document.dispatchEvent(new Event('prerenderingchange')))
  expect(await arrived(page, 1)).toEqual([['/b', 'Shop', '/b', '']])
})

test('a page that comes back from the back/forward cache is viewed again', async () => {
  const page = await world.open(`${world.origin}/a`)
  await addModule(page, 'page-views')
  await arrived(page, 1)
  await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
  })
  expect(await arrived(page, 2)).toEqual(Array(2).fill(['/a', 'Shop', '/a', '']))
})

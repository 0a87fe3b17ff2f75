import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { flush, useBrowser } from '../test/real-browser.ts'

const world = useBrowser()

/** A snippet of the shape that Segment's pages have: an array with its calls, which loads the script itself. */
const SNIPPET = `
  (function () {
    var analytics = (window.analytics = window.analytics || [])
    if (analytics.initialize) return
    if (analytics.invoked) return console.error('included twice')
    analytics.invoked = true
    analytics.methods = ['trackSubmit', 'trackClick', 'trackLink', 'trackForm', 'pageview', 'identify', 'reset', 'group',
      'track', 'ready', 'alias', 'debug', 'page', 'screen', 'once', 'off', 'on', 'addSourceMiddleware',
      'addIntegrationMiddleware', 'setAnonymousId', 'addDestinationMiddleware', 'register']
    analytics.factory = function (name) {
      return function () {
        if (window.analytics.initialized) return window.analytics[name].apply(window.analytics, arguments)
        var call = [name].concat(Array.prototype.slice.call(arguments))
        if (['track', 'screen', 'alias', 'group', 'page', 'identify'].indexOf(name) >= 0) {
          call.push({ __t: 'bpc', c: undefined, p: location.pathname, u: location.href, s: location.search,
            t: document.title, r: document.referrer })
        }
        analytics.push(call)
        return analytics
      }
    }
    analytics.methods.forEach(function (name) { analytics[name] = analytics.factory(name) })
    analytics.load = function (key, options) {
      var script = document.createElement('script')
      script.async = true
      script.setAttribute('data-global-segment-analytics-key', 'analytics')
      script.src = '/tributary.js'
      document.head.appendChild(script)
      analytics._loadOptions = options
    }
    analytics._writeKey = 'wk'
    analytics.SNIPPET_VERSION = '5.2.0'
  })()`

/** Opens a page that has the snippet and no tag of ours. */
async function open(calls: string): Promise<Page> {
  const page = await world.context.newPage()
  await page.route('**/segment', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Shop</title><script>${SNIPPET};${calls}</script>`,
    }),
  )
  await page.goto(`${world.origin}/segment`)
  return page
}

function whenTaken(page: Page): Promise<unknown> {
  return page.waitForFunction('window.analytics.initialized')
}

test("the calls of Segment's snippet are made in order, with their page, and nothing it knows is missing", async () => {
  const page = await open(`
    analytics.load('wk', { flushAt: 1 })
    window.kept = analytics
    analytics.page('Home')
    analytics.track('A', { n: 1 })
    analytics.identify('u1')
    analytics.track('B')
    analytics.ready(function () { window.isReady = true })`)
  await whenTaken(page)
  await page.evaluate(`
    // What the page has kept of the stub goes on working.
    kept.track('C')
    kept.push(['track', 'D'])
    analytics.track('E')
    for (const name of kept.methods) if (typeof analytics[name] !== 'function') throw new Error(name)
    analytics.pageview('/x')`)
  await page.waitForFunction('window.isReady')
  await flush(page)
  expect(world.names()).toEqual(['page', 'A', 'identify', 'B', 'C', 'D', 'E'])
  const events = world.requests.flat()
  expect(events.map(({ userId }) => userId ?? null)).toEqual([null, null, ...Array(5).fill('u1')])
  expect(events[0]).toMatchObject({
    name: 'Home',
    context: { page: { path: '/segment', title: 'Shop', url: `${world.origin}/segment` } },
  })
})

test('the options of `analytics.load` are heeded', async () => {
  const page = await open(`analytics.load('wk', { cookieName: 'mine' }); analytics.page()`)
  await whenTaken(page)
  await flush(page)
  expect(await page.evaluate('document.cookie')).toMatch(/^mine=/)
})

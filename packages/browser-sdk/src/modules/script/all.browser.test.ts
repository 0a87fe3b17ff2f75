import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { DEFAULT_ATTRIBUTES, flush, track, useBrowser } from '../../../test/real-browser.ts'

const world = useBrowser()

/** What the page asks for, beside itself and the collector. */
function requested(): string[] {
  const paths: string[] = []
  world.context.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.endsWith('.js')) paths.push(pathname)
  })
  return paths
}

test.each([
  ['/tributary.js', 10],
  ['/tributary.all.js', 1],
])('%s does the same with every part, by %i requests', async (script, requests) => {
  world.script = script
  world.attributes = `${DEFAULT_ATTRIBUTES} data-link-domains="localhost"
    data-modules="page-views engagement interactions web-vitals errors client-hints links overlay"`
  world.head = `<script>
    tributary = [['identify', 'u1'], ['track', 'Early']]
    analytics = Object.assign([['track', 'Segment']], { methods: ['track', 'use'] })
  </script>`
  const paths = requested()
  const page = await world.open(`${world.origin}/?utm_campaign=c`)
  await page.locator('tributary-overlay').waitFor({ state: 'attached' })
  await vi.waitFor(() => expect(world.names()).toContain('Web Vital'), 5000)
  await page.evaluate(() => {
    document.body.innerHTML = '<a data-track="Chosen" href="http://localhost:1/">Shop</a>'
    addEventListener('click', (event) => event.preventDefault())
    setTimeout(() => {
      throw new Error('mine')
    })
  })
  await page.click('a')
  expect(await page.getAttribute('a', 'href')).toContain('tributary_link=')
  await vi.waitFor(() => expect(world.names()).toContain('Error Occurred'), 5000)
  await page.evaluate(() => history.pushState({}, '', '/next'))
  await vi.waitFor(() => expect(world.names()).toContain('Page Engaged'), 5000)
  const names = world.names().filter((name) => name !== 'Web Vital')
  expect(names.sort()).toEqual([
    'Chosen',
    'Early',
    'Error Occurred',
    'Page Engaged',
    'Segment',
    'identify',
    'page',
    'page',
  ])
  const error = world.events().find((event) => 'event' in event && event.event.startsWith('Error'))
  expect(error).toMatchObject({
    userId: 'u1',
    context: {
      campaign: { name: 'c' },
      session: { index: 0 },
      userAgentData: { platformVersion: expect.any(String) },
    },
  })
  expect(paths).toHaveLength(requests)
})

test('of the script with every part, only those start that the tag names', async () => {
  world.script = '/tributary.all.js'
  world.attributes = `${DEFAULT_ATTRIBUTES} data-modules="page-views nonsense constructor"`
  const errors: Error[] = []
  world.context.on('weberror', (error) => errors.push(error.error()))
  const page = await world.open()
  await page.evaluate(() => {
    document.body.innerHTML = '<button data-track="Chosen">Buy</button>'
  })
  await page.click('button')
  await track(page, 'E')
  await flush(page)
  expect(world.names()).toEqual(['page', 'E'])
  await page.goto('about:blank')
  await world.open(`${world.origin}/b`)
  await vi.waitFor(() => expect(world.names()).toEqual(['page', 'E', 'page']), 5000)
  expect(errors).toEqual([])
})

test('what the stub has kept is made once by the script with every part', async () => {
  const stub = readFileSync(new URL('../../../dist/tributary.stub.js', import.meta.url), 'utf8')
  world.script = '/tributary.all.js'
  world.head = '<script src="/late.js"></script>'
  await world.context.route('**/late.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `${stub};tributary.track('Early')` }),
  )
  const page = await world.open()
  await flush(page)
  const left = (): Promise<string[]> => page.evaluate(() => Object.keys(localStorage))
  expect((await left()).filter((key) => key.startsWith('tributary:stub:'))).toEqual([])
  world.head = ''
  const next = await world.open()
  await flush(next)
  expect(world.names()).toEqual(['Early'])
})

test('the script with every part waits for consent, and begins anew after it was withdrawn', async () => {
  world.script = '/tributary.all.js'
  world.attributes = `${DEFAULT_ATTRIBUTES} data-consent="pending" data-modules="page-views" data-gzip`
  world.head = "<script>tributary = [['track', 'Early']]</script>"
  const page = await world.context.newPage()
  await page.goto(world.origin)
  await page.waitForFunction(() => 'consent' in tributary)
  await page.waitForTimeout(500)
  expect(await page.evaluate(() => [...Object.keys(localStorage), document.cookie])).toEqual([''])
  expect(world.requests).toEqual([])
  const decide = (analytics: boolean): Promise<void> =>
    page.evaluate((given) => void tributary.push(['consent', { analytics: given }]), analytics)
  await decide(true)
  await vi.waitFor(() => expect(world.names().sort()).toEqual(['Early', 'page']), 5000)
  await decide(false)
  await page.waitForFunction(() => !Object.keys(localStorage)[0])
  await decide(true)
  await track(page, 'Again')
  // More than a request that outlives the page may have: it goes compressed, once.
  await page.evaluate(() => tributary.track('Large', { text: 'é'.repeat(14_000) }))
  await page.evaluate(() => tributary.track('Large', { text: 'é'.repeat(14_000) }))
  await flush(page)
  const names = ['Again', 'Early', 'Large', 'Large', 'page']
  await vi.waitFor(() => expect(world.names().sort()).toEqual(names), 5000)
  expect(world.envelopes.some(({ isGzip }) => isGzip)).toBe(true)
})

test('the script with every part runs where no script may be loaded by a string', async () => {
  world.script = '/tributary.all.js'
  world.head = `<meta http-equiv="Content-Security-Policy" content="require-trusted-types-for 'script'">`
  world.attributes = `${DEFAULT_ATTRIBUTES} data-modules="page-views overlay"`
  const page = await world.open()
  await page.locator('tributary-overlay').waitFor({ state: 'attached' })
  await flush(page)
  expect(world.names()).toEqual(['page'])
})

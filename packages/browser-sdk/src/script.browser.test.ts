import { expect, test, vi } from 'vitest'
import { flush, NO_EVENTS, stats, useBrowser } from '../test/real-browser.ts'

const world = useBrowser()

test('sends an event whole, in order, and without a preflight to another origin', async () => {
  const page = await world.open(
    `${world.origin.replace('127.0.0.1', 'localhost')}/a?utm_campaign=c#f`,
  )
  await page.evaluate(() => {
    void tributary.page('Home')
    void tributary.identify('u1', { email: 'a@b.example' })
    void tributary.track('E', { n: 1 })
  })
  await vi.waitFor(() => expect(world.names()).toEqual(['page', 'identify', 'E']), 5000)
  expect(world.requests).toHaveLength(1)
  expect(world.preflights).toBe(0)
  const [first, second, third] = world.requests[0] ?? []
  expect(first?.context).toMatchObject({
    page: {
      path: '/a',
      search: '?utm_campaign=c',
      title: 'Shop',
      url: expect.stringMatching(/=c$/),
    },
    campaign: { name: 'c' },
    userAgent: expect.stringContaining('Chrome'),
    library: { name: '@tributary/browser' },
    delivery: { seq: 0 },
  })
  expect(second).toMatchObject({ userId: 'u1', traits: { email: 'a@b.example' } })
  expect(third).toMatchObject({
    userId: 'u1',
    anonymousId: first?.anonymousId,
    properties: { n: 1 },
  })
  expect(third?.context?.delivery).toMatchObject({ seq: 2 })
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 3, delivered: 3 })
  })
})

test('nothing that a page passes makes a call throw or reject', async () => {
  const page = await world.open()
  const warnings: string[] = []
  const errors: Error[] = []
  page.on('console', (message) => warnings.push(message.text()))
  page.on('pageerror', (error) => errors.push(error))
  const outcomes = await page.evaluate(async () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    const bad = [
      circular,
      { big: 1n },
      {
        get trap() {
          throw new Error('getter')
        },
      },
      {
        toJSON() {
          throw new Error('toJSON')
        },
      },
    ]
    const recorded = bad.map((properties) => tributary.track('Bad', properties))
    recorded.push(tributary.identify('u1', circular))
    recorded.push(
      tributary.track('Good', { f: () => {}, s: Symbol('s'), u: undefined, d: new Date(0) }, () => {
        throw new Error('callback')
      }),
    )
    // @ts-expect-error: a page in plain JavaScript can pass anything
    recorded.push(tributary.page(1, [], 'x', new Map(), null, 7))
    return (await Promise.all(recorded)).map(({ event }) => event?.type)
  })
  expect(outcomes).toEqual([...Array(5).fill(undefined), 'track', 'page'])
  await flush(page)
  expect(await stats(page)).toEqual({
    ...NO_EVENTS,
    created: 7,
    delivered: 2,
    dropped: 5,
    reasons: { unserialisable: 5 },
  })
  expect(world.requests.flat()[0]).toMatchObject({
    userId: 'u1',
    properties: { d: '1970-01-01T00:00:00.000Z' },
  })
  expect(world.requests.flat().map((event) => event.context?.delivery?.seq)).toEqual([0, 1])
  expect(warnings).toEqual(['Tributary: an event was dropped (unserialisable).'])
  expect(errors).toEqual([])
})

test('an event is what it was at the call, whatever happens to its properties later', async () => {
  const page = await world.open()
  await page.evaluate(() => {
    const properties = { total: 1 }
    void tributary.track('A', properties)
    properties.total = 2
    void tributary.identify('later')
  })
  await flush(page)
  expect(world.requests[0]?.[0]).toMatchObject({ properties: { total: 1 } })
  expect(world.requests[0]?.[0]).not.toHaveProperty('userId')
})

test('calls of both stubs are replayed in order, with the time and page of the call', async () => {
  world.head = `<script>
    window.stub = window.tributary = [['track', 'A'], ['identify', 'u1'], ['constructor', 'x'], 'noise']
    tributary.push(['track', {
      type: 'track',
      timestamp: new Date(1000),
      context: { page: { url: 'https://x.example/early', path: '/early', search: '', title: 'Early', referrer: '' } },
    }, 'B', { n: 1 }])
    window.analytics = [['page']]
    analytics.methods = ['track', 'debug']
    analytics.track = (...args) => analytics.push(['track', ...args])
    void analytics.track('C')
  </script>`
  const page = await world.open()
  await page.evaluate(() => {
    stub.push(['track', 'D'])
    tributary.push(['track', 'E'])
    void analytics.track('F')
    analytics.debug(true)
  })
  await flush(page)
  expect(world.names()).toEqual(['A', 'identify', 'B', 'page', 'C', 'D', 'E', 'F'])
  expect(world.requests.flat().map((event) => event.userId)).toEqual([
    undefined,
    ...Array(7).fill('u1'),
  ])
  expect(world.requests.flat()[2]).toMatchObject({
    timestamp: '1970-01-01T00:00:01.000Z',
    context: { page: { path: '/early', title: 'Early', url: 'https://x.example/early' } },
  })
})

test('reset forgets the person', async () => {
  const page = await world.open()
  const [before, after] = await page.evaluate(() => {
    void tributary.identify('u1', { name: 'N' })
    void tributary.group('g1')
    const old = tributary.user().anonymousId()
    tributary.reset()
    void tributary.track('A')
    return [old, tributary.user().anonymousId()]
  })
  expect(after).not.toBe(before)
  await flush(page)
  expect(world.requests.flat()[2]).toMatchObject({ anonymousId: after })
  expect(world.requests.flat()[2]).not.toHaveProperty('userId')
})

import { expect, test, vi } from 'vitest'
import {
  accepted,
  DEFAULT_ATTRIBUTES,
  flush,
  NO_EVENTS,
  stats,
  track,
  useBrowser,
} from '../test/real-browser.ts'

const world = useBrowser()

/** Keeps the standard part back from the pages that open now, until what this gives is called. */
function holdStandard(): () => void {
  let answer = (): void => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  world.released = (path) => (path.includes('.standard.') ? held : undefined)
  return () => {
    world.released = () => undefined
    answer()
  }
}

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

test('options are attributes of the script tag', async () => {
  world.attributes = `data-write-key="wk" data-path="/t/b?x=1" data-flush-at="3" data-endpoint="${world.origin}/"
    data-flush-interval-ms="60000" data-first-party`
  const page = await world.open()
  // A page begins with a look at what earlier ones have left, and would send ours with it.
  await page.evaluate(() => tributary.ready())
  await new Promise((resolve) => setTimeout(resolve, 500))
  await track(page, 'A', 'B')
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(world.requests).toEqual([])
  await track(page, 'C')
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B', 'C']), 3000)
  expect(world.envelopes[0]).toMatchObject({ path: '/t/b?x=1', firstParty: { fresh: true } })
})

test.each([
  ['another name', '127.0.0.1', '/assets/t.js'],
  ['a query', '127.0.0.1', '/tributary.js?v=1.2'],
  ['a host with .js in it', 'cdn.jsx.test', '/tributary.js'],
])('a script at %s loads its parts from beside it', async (_, host, path) => {
  const asked: string[] = []
  world.script = path
  world.missing = (asking) => {
    asked.push(asking)
    return false
  }
  world.origin = world.origin.replace('127.0.0.1', host)
  try {
    const page = await world.open(world.origin)
    expect(await page.evaluate(() => tributary.stats().reasons)).toEqual({})
    await track(page, 'A')
    await vi.waitFor(() => expect(world.names()).toEqual(['A']), 3000)
    expect(asked).toContain(path.replace('.js', '.standard.js'))
  } finally {
    world.origin = world.origin.replace(host, '127.0.0.1')
  }
})

test('where the standard part is blocked, the core goes on alone', async () => {
  world.missing = (path) => path.includes('.standard.')
  world.head = `<script>tributary = [['track', 'A', { n: 1 }], ['on', 'delivered', () => {}], ['trackLink', null, 'L']]</script>`
  const page = await world.open()
  await track(page, 'B')
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 3000)
  expect(world.events()[0]).toMatchObject({
    properties: { n: 1 },
    context: {
      page: { title: 'Shop' },
      library: { name: '@tributary/browser' },
      delivery: { seq: 0 },
    },
  })
  await vi.waitFor(async () => {
    expect(await stats(page)).toMatchObject({ created: 2, delivered: 2, pending: 0 })
  }, 3000)
  await page.evaluate(() => {
    tributary.reset()
    tributary.debug()
    void tributary.identify('u')
  })
  await flush(page)
  expect(world.names()).toEqual(['A', 'B', 'identify'])
})

test('a page left before the standard part has come sends its events, and keeps them', async () => {
  holdStandard()
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.track('A')
    void tributary.identify('u1')
    void tributary.track('B')
    location.href = 'about:blank'
  })
  await page.waitForURL('about:blank')
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'identify', 'B']), 3000)
  expect(world.events().map(({ userId }) => userId)).toEqual([undefined, 'u1', 'u1'])
})

test('a tab that was hidden while the standard part came loses neither listeners nor plugins', async () => {
  const release = holdStandard()
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.register({ track: (event) => ({ ...event, properties: { seen: true } }) })
    tributary.on('delivered', () => {
      document.title = 'Delivered'
    })
    void tributary.track('hidden')
    dispatchEvent(new PageTransitionEvent('pagehide'))
  })
  release()
  await page.waitForFunction(() => tributary.stats().reasons)
  await track(page, 'shown')
  await page.waitForFunction(() => document.title === 'Delivered')
  await vi.waitFor(() => expect(world.names()).toEqual(['hidden', 'shown']), 3000)
  for (const event of world.events()) expect(event).toMatchObject({ properties: { seen: true } })
})

test.each([
  ['has its plugin too', true, ['Redacted', 'Next'], 'tributary.js'],
  ['has it in the script with every part', true, ['Redacted', 'Next'], 'tributary.all.js'],
  ['has none', false, ['Next'], 'tributary.js'],
])(
  'what waits for a plugin goes nowhere without it, and is made by a later page that %s',
  async (_, isHooked, expected, script) => {
    const release = holdStandard()
    const page = await world.open()
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
    await page.evaluate(() => {
      void tributary.register({ track: (event) => ({ ...event, event: 'Redacted' }) })
      void tributary.track('Secret')
    })
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
    expect(await page.evaluate(() => tributary.stats().created)).toBe(0)
    // Another page then takes it for gone.
    await page.evaluate(() => {
      const key = Object.keys(localStorage).find((name) => name.startsWith('tributary:stub:wk,'))
      localStorage.setItem(
        'tributary:stub:wk,0.5-1700000000000',
        localStorage.getItem(key as string) as string,
      )
      localStorage.removeItem(key as string)
    })
    await page.goto('about:blank')
    // Chromium lets a second request for a script wait 20 s for the answer to the first, though its page is gone.
    release()
    world.script = `/${script}`
    world.head = isHooked
      ? `<script>tributary = [['register', { track: (event) => ({ ...event, event: event.event.replace('Secret', 'Redacted') }) }]]</script>`
      : ''
    const next = await world.open()
    await track(next, 'Next')
    await flush(next)
    expect(world.names()).toEqual(expected)
  },
)

test('a function that was kept from before the standard part does what it says', async () => {
  const release = holdStandard()
  const page = await world.open()
  await page.evaluate(() => Object.assign(globalThis, { kept: { ...tributary } }))
  release()
  await page.waitForFunction(() => tributary.stats().reasons)
  await page.evaluate(() => {
    const { kept } = globalThis as unknown as { kept: typeof tributary }
    void kept.register({ track: (event) => ({ ...event, properties: { seen: true } }) })
  })
  await track(page, 'A')
  await flush(page)
  expect(world.events()[0]).toMatchObject({ properties: { seen: true } })
})

test('a script that is on the page twice is one tracker', async () => {
  const tag = `<script async src="/tributary.js" ${DEFAULT_ATTRIBUTES}></script>`
  world.head = `<script>tributary = [['track', 'A']]</script>${tag}`
  const page = await world.open()
  await page.addScriptTag({ url: '/tributary.js' })
  await track(page, 'B')
  await flush(page)
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 3000)
  expect(new Set(world.events().map(({ context }) => context?.delivery?.stream)).size).toBe(1)
})

test("Segment's snippet works with another host: order, pages and references are kept", async () => {
  world.attributes = 'data-flush-interval-ms="200"'
  // The shape of the snippet that is deployed: an array with a method for each call, and `load`.
  world.head = `<script>
    var analytics = window.analytics = []
    analytics.invoked = true
    analytics.methods = ['track', 'identify', 'page', 'group', 'ready', 'on', 'alias', 'trackLink', 'debug', 'addDestinationMiddleware']
    analytics.factory = (name) => (...args) => {
      if (window.analytics.initialized) return window.analytics[name](...args)
      if (['track', 'identify', 'page', 'group', 'alias'].includes(name)) {
        args.push({ __t: 'bpc', c: null, p: '/before', u: 'https://x.example/before', s: '', t: 'Before', r: '' })
      }
      analytics.push([name, ...args])
      return analytics
    }
    for (const name of analytics.methods) analytics[name] = analytics.factory(name)
    analytics.load = (key, options) => { analytics._writeKey = key; analytics._loadOptions = options }
    analytics.load('wk', { integrations: { All: true } })
    stub = analytics
    analytics.page('Home')
    analytics.track('A', { n: 1 })
    analytics.identify('u1')
    analytics.addDestinationMiddleware('x', () => {})
    analytics.ready(() => { document.title = 'Ready' })
    stale = analytics.track
  </script>`
  const page = await world.open()
  await page.waitForFunction(() => document.title === 'Ready')
  await page.evaluate(() => {
    const { stale } = window as unknown as { stale(name: string): void }
    stale('B')
    void analytics.track('C')
  })
  await flush(page)
  await vi.waitFor(() => expect(world.names()).toEqual(['page', 'A', 'identify', 'B', 'C']), 3000)
  expect(world.events()[1]?.context?.page).toMatchObject({ path: '/before', title: 'Before' })
  expect(world.events().map(({ userId }) => userId)).toEqual([
    undefined,
    undefined,
    'u1',
    'u1',
    'u1',
  ])
})

test("a first-party page asks for the collector's cookie, and takes the id that it gives", async () => {
  world.attributes += ' data-first-party'
  world.answer = (batch) => {
    const { body, ...answer } = accepted(batch) as { status: number; body: object }
    return {
      ...answer,
      body: { ...body, anonymousId: 'from-cookie' },
      headers: { 'set-cookie': 'first=1; Path=/' },
    }
  }
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  expect(world.envelopes[0]?.firstParty).toEqual({
    id: world.events()[0]?.anonymousId,
    fresh: true,
  })
  expect(await page.evaluate(() => tributary.user().anonymousId())).toBe('from-cookie')
  await track(page, 'B')
  await flush(page)
  expect(world.envelopes[1]).toMatchObject({
    firstParty: { id: 'from-cookie', fresh: false },
    cookies: expect.stringContaining('first=1'),
  })
  expect(world.events()[1]?.anonymousId).toBe('from-cookie')
})

test('without first-party cookies none are sent', async () => {
  await world.context.addCookies([{ name: 'site', value: '1', url: world.origin }])
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  expect(world.envelopes[0]?.cookies).toBeUndefined()
  expect(world.envelopes[0]).not.toHaveProperty('firstParty')
})

test('large requests go compressed where that is asked for, those that outlive the page do not', async () => {
  world.attributes += ' data-gzip'
  const page = await world.open()
  await page.evaluate(() => {
    for (let index = 0; index < 200; index++)
      void tributary.track(`E${index}`, { pad: 'x'.repeat(500) })
  })
  await flush(page)
  await vi.waitFor(() => expect(world.events()).toHaveLength(200), 3000)
  expect(world.envelopes[0]).toMatchObject({ isGzip: true, contentType: 'text/plain' })
  expect(world.envelopes[0]?.bytes).toBeLessThan(30_000)
  expect(world.preflights).toBe(0)
  await page.evaluate(() => {
    void tributary.track('Left')
    location.href = 'about:blank'
  })
  await vi.waitFor(() => expect(world.names()).toContain('Left'), 3000)
  const contentType = 'text/plain;charset=UTF-8'
  expect(world.envelopes.at(-1)).toMatchObject({ isGzip: false, contentType })
})

test('links and forms that the page names are tracked, and the visitor goes on at once', async () => {
  world.head = `<body><a id="link" href="about:blank">Next</a>
    <form id="form" action="/sent"><button id="send">Send</button></form>`
  const page = await world.open()
  await page.evaluate(() => {
    tributary.trackLink(document.querySelector('#link'), 'Link', (link) => ({ to: link.id }))
    tributary.trackForm(document.querySelectorAll('form'), (form) => `Form ${form.id}`)
    // As a single-page app does.
    document.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault())
    // @ts-expect-error: a page in plain JavaScript can pass anything
    for (const noise of [undefined, 'text', 5, [null], {}]) tributary.trackLink(noise, 'Noise')
  })
  await page.click('#send')
  await vi.waitFor(() => expect(world.names()).toEqual(['Form form']), 3000)
  await page.click('#link')
  await page.waitForURL('about:blank')
  await vi.waitFor(() => expect(world.names()).toEqual(['Form form', 'Link']), 3000)
  expect(world.events()[1]).toMatchObject({
    properties: { to: 'link' },
    context: { page: { path: '/' } },
  })
})

test('an older browser, without what came later, delivers', async () => {
  await world.context.addInitScript(() => {
    const missing: [object, string][] = [
      [URL, 'canParse'],
      [AbortSignal, 'timeout'],
      [globalThis, 'BroadcastChannel'],
      [globalThis, 'CompressionStream'],
      [Navigator.prototype, 'locks'],
      [Navigator.prototype, 'userAgentData'],
    ]
    for (const [owner, name] of missing) Reflect.deleteProperty(owner, name)
  })
  world.attributes += ' data-gzip'
  world.head = '<link rel="canonical" href="https://shop.example/c">'
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 1, delivered: 1 })
  expect(world.events()[0]?.context?.page).toMatchObject({
    path: '/c',
    url: 'https://shop.example/c',
  })
})

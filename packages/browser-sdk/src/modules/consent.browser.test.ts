import { fileURLToPath } from 'node:url'
import type { TributaryEvent } from '@tributary/protocol'
import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { bundleOf } from '../../test/bundle.ts'
import { accepted, useBrowser } from '../../test/real-browser.ts'
import type { Ending } from '../core/ending.ts'
import type { ConsentOptions, ConsentTracker } from './consent.ts'
import { loadWithConsent } from './consent.ts'

declare global {
  var consent: typeof import('./consent.ts')
  var tracker: ConsentTracker
  /** Everything that a page has done to storage, cookies and the network. */
  var touched: string[]
  var told: unknown[]
  /** Name of a track event. */
  var nameOf: (event: TributaryEvent | undefined) => string | undefined
}

const world = useBrowser()
let bundle: string

beforeAll(async () => {
  bundle = await bundleOf(
    fileURLToPath(new URL('../../dist/modules/consent.js', import.meta.url)),
    'consent',
  )
})

beforeEach(async () => {
  await world.context.route('**/shop/*', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><title>Shop</title><a href="#a">A</a><script>${bundle}</script>`,
    }),
  )
  await world.context.addInitScript(() => {
    globalThis.touched = []
    globalThis.told = []
    globalThis.nameOf = (event) => (event?.type === 'track' ? event.event : undefined)
    const note = (owner: object, name: string, what: string) => {
      const property = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor
      for (const way of ['value', 'get', 'set'] as const) {
        const original = property[way]
        if (typeof original !== 'function') continue
        property[way] = function (this: unknown, ...args: unknown[]) {
          touched.push(`${what} ${way === 'value' ? args[0] : way}`)
          return Reflect.apply(original, this, args)
        }
      }
      Object.defineProperty(owner, name, property)
    }
    for (const name of ['getItem', 'setItem', 'removeItem'] as const)
      note(Storage.prototype, name, name)
    note(Document.prototype, 'cookie', 'cookie')
    note(IDBFactory.prototype, 'open', 'open')
    note(globalThis, 'fetch', 'fetch')
  })
})

/** Opens a page of the shop with a tracker on it. */
async function open(options: ConsentOptions = {}, path = '/shop/home'): Promise<Page> {
  const page = await world.context.newPage()
  await page.goto(world.origin + path)
  await page.evaluate((given) => {
    globalThis.tracker = consent.loadWithConsent({ writeKey: 'wk' }, given)
  }, options)
  return page
}

function decide(page: Page, update: Record<string, boolean>): Promise<Record<string, string>> {
  return page.evaluate((given) => tracker.consent(given), update)
}

/** What the origin has stored, as the browser tells. */
async function stored(page: Page): Promise<{ keys: string[]; rows: number; cookies: string[] }> {
  const cookies = (await world.context.cookies()).map(({ name }) => name)
  const found = await page.evaluate(async () => {
    let rows = 0
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
      })
      for (const store of db.objectStoreNames) {
        rows += await new Promise<number>((resolve) => {
          const request = db.transaction(store).objectStore(store).count()
          request.onsuccess = () => resolve(request.result)
        })
      }
      db.close()
    }
    return { keys: Object.keys(localStorage), rows }
  })
  return { ...found, cookies }
}

test('while consent is pending nothing is read, stored or requested; granted, every call arrives as it was made', async () => {
  const page = await open()
  await page.evaluate(() => {
    void tracker.page('Home')
    const cart = { items: 1, price: { cents: 990, toJSON: () => '9.90' } }
    void tracker.track('Cart', cart, (receipt) => told.push(nameOf(receipt.event)))
    cart.items = 2
    history.pushState({}, '', '/shop/checkout')
    void tracker.identify('u1', { plan: 'pro' })
    void tracker.track('Paid').then(({ event }) => told.push(nameOf(event)))
    history.pushState({}, '', '/shop/thanks')
  })
  const calledBefore = Date.now()
  await page.waitForTimeout(2500)
  expect(
    await page.evaluate(async () => [
      touched,
      told,
      await indexedDB.databases(),
      tracker.consent(),
      tracker.user().anonymousId(),
      tracker.stats(),
    ]),
  ).toEqual([
    [],
    [],
    [],
    { analytics: 'pending' },
    undefined,
    expect.objectContaining({ created: 4, pending: 4, dropped: 0 }),
  ])
  expect(await world.context.cookies()).toEqual([])
  expect(world.requests).toEqual([])

  expect(await decide(page, { analytics: true })).toEqual({ analytics: 'granted' })
  await page.evaluate(() => tracker.track('After'))
  await page.evaluate(() => tracker.flush())
  await vi.waitFor(() => expect(world.names()).toHaveLength(5), 5000)
  expect(world.names()).toEqual(['page', 'Cart', 'identify', 'Paid', 'After'])
  const events = world.requests.flat()
  expect(events.map(({ context }) => context?.page?.path)).toEqual([
    '/shop/home',
    '/shop/home',
    '/shop/checkout',
    '/shop/checkout',
    '/shop/thanks',
  ])
  expect(events.map(({ userId }) => userId)).toEqual([undefined, undefined, 'u1', 'u1', 'u1'])
  expect(events[1]).toMatchObject({ properties: { items: 1, price: '9.90' } })
  for (const { timestamp } of events.slice(0, 4)) {
    expect(Date.parse(timestamp as string)).toBeLessThanOrEqual(calledBefore)
  }
  expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
  await vi.waitFor(async () => {
    expect(await page.evaluate(() => told)).toEqual(['Cart', 'Paid'])
    expect(await page.evaluate(() => tracker.stats())).toMatchObject({
      created: 5,
      delivered: 5,
      dropped: 0,
      pending: 0,
    })
  })
})

test('a denial drops what waits and what comes, and says so', async () => {
  const page = await open()
  const endings = await page.evaluate(async () => {
    tracker.on('dropped', ({ reason }) => told.push(reason))
    const waiting = tracker.track('Before', {}, () => told.push('callback'))
    const ready = tracker.ready()
    tracker.consent({ analytics: false })
    const late = tracker.track('After')
    tracker.reset()
    const found: Ending[] = []
    for (const recorded of [waiting, late]) found.push(await (await recorded).delivered)
    await ready
    await tracker.flush()
    return found
  })
  expect(endings).toEqual(Array(2).fill({ outcome: 'dropped', reason: 'consent' }))
  expect(await page.evaluate(() => told)).toEqual(['consent', 'consent', 'callback'])
  expect(await page.evaluate(() => tracker.stats())).toMatchObject({
    created: 2,
    dropped: 2,
    pending: 0,
    reasons: { consent: 2 },
  })
  expect(await page.evaluate(() => touched)).toEqual([])
  expect(await stored(page)).toEqual({ keys: [], rows: 0, cookies: [] })
  expect(world.requests).toEqual([])
})

test('the receipt of a call that waited tells how its event ended', async () => {
  const page = await open()
  await page.evaluate(() => {
    const recorded = tracker.track('Paid')
    void recorded.then(async ({ delivered }) => told.push(await delivered))
    tracker.consent({ analytics: true })
  })
  await vi.waitFor(async () => {
    expect(await page.evaluate(() => told)).toEqual([{ outcome: 'delivered' }])
  }, 5000)
})

test('withdrawn, consent leaves nothing behind; given again, it begins with somebody unknown', async () => {
  world.answer = () => ({ status: 503 })
  const page = await open({ initial: 'granted' })
  const first = await page.evaluate(async () => {
    tracker.on('dropped', ({ reason }) => told.push(reason))
    await tracker.identify('u1', { plan: 'pro' })
    const { delivered } = await tracker.track('Unsent')
    void delivered.then(({ reason }) => told.push(`receipt ${reason}`))
    return tracker.user().anonymousId()
  })
  expect(first).toBeDefined()
  expect((await stored(page)).rows).toBeGreaterThan(0)

  await decide(page, { analytics: false })
  await vi.waitFor(async () => {
    expect(await stored(page)).toEqual({ keys: [], rows: 0, cookies: [] })
  })
  const refused = await page.evaluate(async () => (await tracker.track('Refused')).delivered)
  expect(refused).toEqual({ outcome: 'dropped', reason: 'consent' })
  expect(await page.evaluate(() => told)).toEqual([
    'consent',
    'consent',
    'receipt consent',
    'consent',
  ])
  expect(await page.evaluate(() => tracker.stats())).toMatchObject({
    created: 3,
    dropped: 3,
    pending: 0,
    reasons: { consent: 3 },
  })
  await page.waitForTimeout(2500)
  expect(await stored(page)).toEqual({ keys: [], rows: 0, cookies: [] })

  world.requests = []
  world.answer = accepted
  await decide(page, { analytics: true })
  await page.evaluate(() => tracker.track('Again'))
  await page.evaluate(() => tracker.flush())
  await vi.waitFor(() => expect(world.names()).toEqual(['Again']), 5000)
  const [event] = world.requests.flat()
  expect(event?.userId).toBeUndefined()
  expect(event?.anonymousId).toBeDefined()
  expect(event?.anonymousId).not.toBe(first)
})

test('taken back and given again in one breath, consent still begins afresh', async () => {
  const page = await open({ initial: 'granted' })
  const first = await page.evaluate(async () => {
    await tracker.track('First')
    return tracker.user().anonymousId()
  })
  await page.evaluate(() => {
    tracker.consent({ analytics: false })
    void tracker.track('Between')
    tracker.consent({ analytics: true })
    void tracker.track('Second')
  })
  await vi.waitFor(() => expect(world.names()).toContain('Second'), 5000)
  expect(world.names()).not.toContain('Between')
  const second = world.requests
    .flat()
    .find((event) => event.type === 'track' && event.event === 'Second')
  expect(second?.anonymousId).not.toBe(first)
  expect(await page.evaluate(() => tracker.user().anonymousId())).toBe(second?.anonymousId)
})

test('what a plugin watches counts only while there is consent, and once', async () => {
  const page = await open({ initial: 'granted' })
  await page.evaluate(async () => {
    await tracker.register({
      load(given) {
        document.addEventListener('click', () => void given.track('Click'))
      },
      track: (event) => ({ ...event, properties: { seen: true } }),
    })
    await tracker.track('First')
  })
  await decide(page, { analytics: false })
  await page.click('a')
  await page.waitForTimeout(100)
  expect(await stored(page)).toEqual({ keys: [], rows: 0, cookies: [] })
  await decide(page, { analytics: true })
  await page.click('a')
  await page.evaluate(() => tracker.flush())
  await vi.waitFor(() => expect(world.names()).toContain('Click'), 5000)
  const clicks = world.requests
    .flat()
    .filter((event) => event.type === 'track' && event.event === 'Click')
  expect(clicks).toEqual([expect.objectContaining({ properties: { seen: true } })])
})

test('a denial removes what the consent of an earlier page has left', async () => {
  world.answer = () => ({ status: 503 })
  const first = await open({ initial: 'granted' })
  await first.evaluate(() => tracker.track('Unsent'))
  await first.close()
  const page = await open()
  expect((await stored(page)).rows).toBe(1)
  await decide(page, { analytics: false })
  await vi.waitFor(async () => {
    expect(await stored(page)).toEqual({ keys: [], rows: 0, cookies: [] })
  })
})

test('every event says which categories are decided, as they are when it is recorded', async () => {
  const page = await open()
  await page.evaluate(() => tracker.consent({ analytics: true }))
  await page.evaluate(() => tracker.track('A', {}, { consent: { source: 'banner' } }))
  await page.evaluate(() => tracker.consent({ marketing: true }))
  await page.evaluate(() => tracker.track('B'))
  await page.evaluate(() => tracker.flush())
  await vi.waitFor(() => expect(world.requests.flat()).toHaveLength(2), 5000)
  expect(world.requests.flat().map(({ context }) => context?.consent)).toEqual([
    { source: 'banner', categoryPreferences: { analytics: true } },
    { categoryPreferences: { analytics: true, marketing: true } },
  ])
})

test('of more than 1,000 waiting calls the oldest are dropped, and counted', async () => {
  const page = await open()
  const oldest = await page.evaluate(async () => {
    tracker.on('dropped', ({ reason }) => told.push(reason))
    const calls = Array.from({ length: 1002 }, (_, n) => tracker.track(`E${n}`))
    return (await calls[1])?.delivered
  })
  expect(oldest).toEqual({ outcome: 'dropped', reason: 'consent' })
  expect(await page.evaluate(() => told)).toEqual(['consent', 'consent'])
  const counted = { created: 1002, dropped: 2, reasons: { consent: 2 } }
  expect(await page.evaluate(() => tracker.stats())).toMatchObject({ ...counted, pending: 1000 })
  await decide(page, { analytics: true })
  await vi.waitFor(() => expect(world.requests.flat()).toHaveLength(1000), 10_000)
  expect(new Set(world.names()).size).toBe(1000)
  expect(world.names()).not.toContain('E1')
  await vi.waitFor(async () => {
    const stats = await page.evaluate(() => tracker.stats())
    expect(stats).toMatchObject({ ...counted, delivered: 1000, pending: 0 })
  })
})

test('what is set up while consent is pending works from the first event on', async () => {
  const page = await open()
  await page.evaluate(async () => {
    await tracker.register({
      name: 'shout',
      load: () => told.push('load'),
      track: (event) => ({ ...event, event: `${nameOf(event)}!` }),
    })
    await tracker.addSourceMiddleware(({ payload, next }) =>
      next(nameOf(payload.obj) === 'Secret' ? null : payload),
    )
    const off = () => told.push('never')
    tracker.on('recorded', (event) => told.push(nameOf(event)))
    tracker.once('recorded', () => told.push('once'))
    tracker.on('recorded', off)
    tracker.off('recorded', off)
    tracker.trackLink(document.querySelector('a'), 'Link')
    void tracker.ready(() => told.push('ready'))
    tracker.setAnonymousId('device-1')
    void tracker.track('A')
    void tracker.track('Secret')
  })
  expect(await page.evaluate(() => told)).toEqual([])
  await decide(page, { analytics: true })
  await page.click('a')
  await vi.waitFor(async () => {
    expect(await page.evaluate(() => told)).toEqual(
      expect.arrayContaining(['load', 'A!', 'once', 'ready', 'Link!']),
    )
  })
  expect(await page.evaluate(() => told.length)).toBe(5)
  await page.evaluate(() => tracker.flush())
  await vi.waitFor(() => expect(world.names()).toEqual(['A!', 'Link!']), 5000)
  expect(world.requests.flat()[0]?.anonymousId).toBe('device-1')
})

test('a remembered decision holds on later pages, and in other tabs at once', async () => {
  const options: ConsentOptions = { remember: true }
  const first = await open(options)
  expect(await first.evaluate(() => touched)).toEqual(['getItem tributary:consent'])
  expect((await stored(first)).keys).toEqual([])
  await first.evaluate(() => tracker.onConsent((states) => told.push(states)))
  await decide(first, { analytics: true, marketing: false })
  expect(await first.evaluate(() => told)).toEqual([{ analytics: 'granted', marketing: 'denied' }])
  const second = await open(options)
  expect(await second.evaluate(() => tracker.consent())).toEqual({
    analytics: 'granted',
    marketing: 'denied',
  })
  await decide(second, { analytics: false })
  await vi.waitFor(async () => {
    expect(await first.evaluate(() => tracker.consent().analytics)).toBe('denied')
    expect((await stored(first)).keys).toEqual(['tributary:consent'])
  })
  const third = await open(options)
  expect(await third.evaluate(() => tracker.consent().analytics)).toBe('denied')
  await third.evaluate(() => localStorage.setItem('tributary:consent', '{"analytics":"yes'))
  const fourth = await open(options)
  expect(await fourth.evaluate(() => tracker.consent())).toEqual({ analytics: 'pending' })
})

test.for<[ConsentOptions, Record<string, string>]>([
  [{}, { analytics: 'granted', marketing: 'denied' }],
  [{ gpc: 'ignore' }, { analytics: 'granted', marketing: 'granted' }],
  [{ gpc: 'deny-all' }, { analytics: 'denied', marketing: 'denied' }],
  [{ gpcCategories: ['analytics'] }, { analytics: 'denied', marketing: 'granted' }],
])(
  'with Global Privacy Control on, %j makes a grant of everything %j',
  async ([options, states]) => {
    await world.context.addInitScript(() => {
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })
    })
    const page = await open(options)
    expect(await decide(page, { analytics: true, marketing: true })).toEqual(states)
  },
)

test('decisions come from events and from a global function', async () => {
  const page = await open()
  const found = await page.evaluate(() => {
    globalThis.tracker = consent.loadWithConsent(
      { writeKey: 'wk' },
      {
        required: ['a', 'b'],
        sources: [
          consent.fromEvent('decided', (event) => ({
            a: (event as CustomEvent).detail.includes('C2'),
          })),
          consent.fromCallback('consentIs'),
        ],
      },
    )
    dispatchEvent(new CustomEvent('decided', { detail: 'C1,C2' }))
    const first = tracker.consent()
    const { consentIs } = globalThis as unknown as { consentIs(update: unknown): void }
    for (const nonsense of [undefined, null, 1, 'a', { b: 'yes' }]) consentIs(nonsense)
    const second = tracker.consent()
    consentIs({ b: true })
    return [first, second, tracker.consent()]
  })
  expect(found).toEqual([
    { a: 'granted', b: 'pending' },
    { a: 'granted', b: 'pending' },
    { a: 'granted', b: 'granted' },
  ])
})

test('without a write key it throws at once, and on a server it does nothing', async () => {
  const page = await open()
  const message = await page.evaluate(() => {
    try {
      consent.loadWithConsent({ writeKey: '' })
    } catch (error) {
      return String(error)
    }
  })
  expect(message).toContain('writeKey')
  const inert = loadWithConsent({ writeKey: 'wk' })
  expect(inert.consent({ analytics: true })).toEqual({})
  inert.onConsent(() => {})
  expect((await inert.track('E')).event).toBeUndefined()
})

import { expect, test, vi } from 'vitest'
import { accepted, flush, NO_EVENTS, stats, track, useBrowser } from '../test/real-browser.ts'

const world = useBrowser()

test('keeps events across a reload, and the next page delivers them', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A', 'B')
  await page.reload()
  world.answer = accepted
  world.requests = []
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 10_000)
})

test('keeps events when the renderer crashes', async () => {
  world.answer = () => undefined
  const page = await world.open()
  await track(page, 'A', 'B')
  const session = await world.context.newCDPSession(page)
  void session.send('Page.crash').catch(() => {})
  await page.waitForEvent('crash')
  await page.close()
  world.answer = accepted
  world.requests = []
  await world.open()
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 5000)
})

test('what was tracked offline is delivered by a new tab', async () => {
  const page = await world.open()
  await world.context.setOffline(true)
  await track(page, 'A', 'B')
  await flush(page)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 2, pending: 2 })
  await page.close()
  expect(world.requests).toEqual([])
  await world.context.setOffline(false)
  await world.open()
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 5000)
})

test('delivers as soon as the network is back', async () => {
  const page = await world.open()
  await world.context.setOffline(true)
  await track(page, 'A')
  await flush(page)
  await world.context.setOffline(false)
  await vi.waitFor(() => expect(world.names()).toEqual(['A']), 3000)
})

test.each([
  ['503', () => ({ status: 503 })],
  ['broken connections', () => undefined],
  ["a portal's page", () => ({ status: 200, body: {} })],
  ['429 with Retry-After', () => ({ status: 429, headers: { 'retry-after': '1' } })],
])('after %s, success settles each event once', async (_, fail) => {
  let failures = 2
  world.answer = (batch) => (failures-- > 0 ? fail() : accepted(batch))
  const page = await world.open()
  await track(page, 'A', 'B', 'C')
  await vi.waitFor(
    async () => expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 3, delivered: 3 }),
    10_000,
  )
  expect(world.names()).toEqual(['A', 'B', 'C', 'A', 'B', 'C', 'A', 'B', 'C'])
  await flush(page)
  expect(world.requests).toHaveLength(3)
})

test('each verdict is counted, and only what has none is sent again', async () => {
  let first = true
  world.answer = (batch) => {
    if (!first) return accepted(batch)
    first = false
    const verdicts = [
      { status: 'accepted' },
      { status: 'duplicate' },
      { status: 'rejected', code: 'bad' },
      { status: 'retry' },
    ]
    const results = batch.slice(0, 4).map(({ messageId }, index) => [messageId, verdicts[index]])
    return { status: 200, body: { success: true, ok: true, results: Object.fromEntries(results) } }
  }
  const page = await world.open()
  const warnings: string[] = []
  page.on('console', (message) => warnings.push(message.text()))
  await track(page, 'A', 'B', 'C', 'D', 'E')
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({
      ...NO_EVENTS,
      created: 5,
      delivered: 3,
      duplicate: 1,
      rejected: 1,
    })
  }, 8000)
  expect(world.names()).toEqual(['A', 'B', 'C', 'D', 'E', 'D', 'E'])
  expect(warnings).toEqual(['Tributary: an event was rejected (bad).'])
})

test('a request that is too large is halved, and an event that is too large alone is dropped', async () => {
  world.answer = (batch) =>
    batch.some((event) => event.type === 'track' && event.event === 'huge')
      ? { status: 413 }
      : accepted(batch)
  const page = await world.open()
  await track(page, 'A', 'huge', 'B', 'C')
  await flush(page)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 4, delivered: 3, dropped: 1 })
})

test('a wrong write key drops, with the reason', async () => {
  world.answer = () => ({ status: 401, body: { success: false, code: 'unknown_write_key' } })
  const page = await world.open()
  const warned = page.waitForEvent('console', (message) => message.type() === 'warning')
  await track(page, 'A')
  await flush(page)
  expect((await warned).text()).toContain('unknown_write_key')
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 1, dropped: 1 })
})

test('more events than one request takes arrive in order and once', async () => {
  const page = await world.open()
  const events = Array.from({ length: 250 }, (_, index) => `E${index}`)
  await track(page, ...events)
  await flush(page)
  expect(world.names()).toEqual(events)
  expect(Math.max(...world.requests.map((batch) => batch.length))).toBe(20)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 250, delivered: 250 })
})

test('a page that goes away sends what it has, in a request that outlives it', async () => {
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.track('Left')
    location.href = 'about:blank'
  })
  await page.waitForURL('about:blank')
  await vi.waitFor(() => expect(world.names()).toEqual(['Left']), 1500)
})

test('what the database had not committed when the page went away is delivered by the next page', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new Error('The disk is stuck.')
    }
    for (let index = 0; index < 3; index++) void tributary.track(`E${index}`)
    location.href = 'about:blank'
  })
  await page.waitForURL('about:blank')
  world.answer = accepted
  world.requests = []
  const next = await world.open()
  await vi.waitFor(() => expect(world.names()).toEqual(['E0', 'E1', 'E2']), 5000)
  expect(
    await next.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('spill'))),
  ).toEqual([])
})

test.each([
  ['is missing', () => Object.defineProperty(window, 'indexedDB', { value: undefined })],
  [
    'is forbidden',
    () =>
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('No.', 'SecurityError')
        },
      }),
  ],
  [
    'and localStorage are forbidden',
    () => {
      for (const name of ['indexedDB', 'localStorage']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('No.', 'SecurityError')
          },
        })
      }
    },
  ],
  [
    'never answers',
    () => {
      IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest
    },
  ],
])('delivers where IndexedDB %s', async (_, breakIt) => {
  await world.context.addInitScript(breakIt)
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.identify('u')
    void tributary.track('A')
  })
  await vi.waitFor(
    async () => expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 2, delivered: 2 }),
    20_000,
  )
  expect(world.names()).toEqual(['identify', 'A'])
  expect(world.requests.flat().map((event) => event.userId)).toEqual(['u', 'u'])
})

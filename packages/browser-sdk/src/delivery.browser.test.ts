import { expect, test, vi } from 'vitest'
import {
  accepted,
  flush,
  NO_EVENTS,
  namesOf,
  stats,
  track,
  useBrowser,
} from '../test/real-browser.ts'

const world = useBrowser()

test('keeps events across a reload, and the next page delivers them', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A', 'B')
  await page.reload()
  world.answer = accepted
  world.requests = []
  await vi.waitFor(() => expect(world.names().sort()).toEqual(['A', 'B']), 10_000)
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
  const taken: string[] = []
  world.answer = (batch) => {
    if (failures-- > 0) return fail()
    taken.push(...namesOf(batch))
    return accepted(batch)
  }
  const page = await world.open()
  await track(page, 'A', 'B', 'C')
  await vi.waitFor(
    async () => expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 3, delivered: 3 }),
    10_000,
  )
  expect(taken.sort()).toEqual(['A', 'B', 'C'])
  const requests = world.requests.length
  await flush(page)
  expect(world.requests).toHaveLength(requests)
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
      reasons: { bad: 1 },
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
  expect(await stats(page)).toEqual({
    ...NO_EVENTS,
    created: 4,
    delivered: 3,
    dropped: 1,
    reasons: { too_large: 1 },
  })
})

test('a wrong write key drops, with the reason', async () => {
  world.answer = () => ({ status: 401, body: { success: false, code: 'unknown_write_key' } })
  const page = await world.open()
  const warned = page.waitForEvent('console', (message) => message.type() === 'warning')
  await track(page, 'A')
  await flush(page)
  expect((await warned).text()).toContain('unknown_write_key')
  expect(await stats(page)).toEqual({
    ...NO_EVENTS,
    created: 1,
    dropped: 1,
    reasons: { unknown_write_key: 1 },
  })
})

test('more events than one request takes arrive in order and once', async () => {
  const page = await world.open()
  const events = Array.from({ length: 1200 }, (_, index) => `E${index}`)
  await track(page, ...events)
  await flush(page)
  expect(world.names()).toEqual(events)
  expect(world.requests.length).toBeGreaterThan(2)
  expect(Math.max(...world.requests.map((batch) => batch.length))).toBeLessThanOrEqual(500)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 1200, delivered: 1200 })
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

test('a page that comes back from the back/forward cache goes on', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await page.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) document.title = 'Restored'
    })
  })
  await track(page, 'A')
  await page.goto(world.origin.replace('127.0.0.1', 'localhost'))
  world.answer = accepted
  world.requests = []
  // Playwright waits for a `load` that a restored page does not have.
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction(() => document.title === 'Restored')
  await track(page, 'B')
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 2, delivered: 2 })
  }, 5000)
  expect(world.names().sort()).toEqual(['A', 'B'])
})

test('a page that records without a pause gets larger requests, not more of them', async () => {
  const page = await world.open()
  await page.evaluate(async () => {
    for (let index = 0; index < 100; index++) {
      void tributary.track(`E${index}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  await vi.waitFor(async () => expect((await stats(page)).delivered).toBe(100), 5000)
  expect(world.requests.length).toBeLessThan(12)
  expect(new Set(world.names()).size).toBe(100)
})

test('what had no verdict is sent again though nothing else happens, also after new events came first', async () => {
  const failing = new Set(['A'])
  world.answer = (batch) => {
    const results = batch.map((event) => {
      const isFailing = failing.has(event.type === 'track' ? event.event : '')
      return [event.messageId, { status: isFailing ? 'retry' : 'accepted' }]
    })
    return { status: 200, body: { success: true, results: Object.fromEntries(results) } }
  }
  const page = await world.open()
  await track(page, 'A', 'B')
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 3000)
  // In the time that A waits, longer each time.
  for (const name of ['C', 'D', 'E']) {
    await track(page, name)
    await vi.waitFor(() => expect(world.names()).toContain(name), 3000)
  }
  failing.clear()
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 5, delivered: 5 })
  }, 15_000)
})

test("the accounts of a page are those of its own events, also where it sends another page's", async () => {
  world.answer = () => ({ status: 503 })
  const one = await world.open()
  await track(one, 'A')
  await one.close()
  world.answer = (batch) => accepted(batch, 'rejected')
  world.requests = []
  const other = await world.open()
  await vi.waitFor(() => expect(world.names()).toEqual(['A']), 5000)
  await flush(other)
  expect(await stats(other)).toEqual(NO_EVENTS)
  await track(other, 'B')
  await flush(other)
  const reasons = { rejected: 1 }
  expect(await stats(other)).toEqual({ ...NO_EVENTS, created: 1, rejected: 1, reasons })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import {
  accepted,
  DEFAULT_ATTRIBUTES,
  flush,
  NO_EVENTS,
  namesOf,
  stats,
  stored,
  track,
  useBrowser,
} from '../test/real-browser.ts'

const world = useBrowser()

test('an event that the collector cannot bear holds up none of the others', async () => {
  const taken: string[] = []
  world.answer = (batch) => {
    const names = namesOf(batch)
    if (names.includes('poison')) return { status: 500 }
    taken.push(...names)
    return accepted(batch)
  }
  const page = await world.open()
  const before = Array.from({ length: 60 }, (_, index) => `before ${index}`)
  const after = Array.from({ length: 60 }, (_, index) => `after ${index}`)
  await track(page, ...before, 'poison', ...after)
  await vi.waitFor(async () => expect(await stats(page)).toMatchObject({ delivered: 120 }), 12_000)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 121, delivered: 120, pending: 1 })
  expect([...taken].sort()).toEqual([...before, ...after].sort())
  expect(world.requests.length).toBeLessThan(60)
  // Nor those that come later.
  await track(page, 'later')
  await vi.waitFor(() => expect(taken).toContain('later'), 3000)
})

test('while nothing comes through, one event at a time is tried, and more seldom the longer it lasts', async () => {
  world.answer = () => undefined
  const page = await world.open()
  await track(page, ...Array.from({ length: 50 }, (_, index) => `E${index}`))
  for (let second = 0; second < 5; second++) {
    await track(page, `later ${second}`)
    await sleep(1000)
  }
  const [first, ...others] = world.requests.map((batch) => batch.length)
  expect(first).toBeGreaterThanOrEqual(50)
  expect(others).toEqual(others.map(() => 1))
  expect(others.length).toBeGreaterThan(0)
  expect(others.length).toBeLessThan(11)
})

test("the collector's pause is kept, whatever the page does", async () => {
  world.answer = () => ({ status: 429, headers: { 'retry-after': '3' } })
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  const start = Date.now()
  expect(world.requests).toHaveLength(1)
  world.answer = accepted
  await track(page, ...Array.from({ length: 25 }, (_, index) => `E${index}`))
  await flush(page)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await vi.waitFor(() => expect(world.names()).toHaveLength(27), 8000)
  expect(Date.now() - start).toBeGreaterThan(2500)
})

test('a collector that takes small requests only gets them, with few that are too large', async () => {
  let refused = 0
  world.answer = (batch) => {
    if (batch.length <= 10) return accepted(batch)
    refused++
    return { status: 413 }
  }
  const page = await world.open()
  await track(page, ...Array.from({ length: 100 }, (_, index) => `E${index}`))
  await flush(page)
  expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 100, delivered: 100 })
  expect(refused).toBeLessThan(25)
})

test('an event that is too old is dropped when it fails once more, with the reason', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.context.newPage()
  await page.clock.install()
  await page.goto(world.origin)
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  await track(page, 'A')
  await vi.waitFor(async () => {
    await page.clock.runFor(500)
    expect(world.requests.length).toBeGreaterThan(0)
  }, 5000)
  await page.clock.fastForward(8 * 86_400_000)
  await track(page, 'B')
  await vi.waitFor(async () => {
    await page.clock.runFor(1000)
    expect(await stats(page)).toEqual({
      ...NO_EVENTS,
      created: 2,
      dropped: 1,
      pending: 1,
      reasons: { expired: 1 },
    })
  }, 8000)
  expect(await stored(page)).toContain('"event":"B"')
  expect(await stored(page)).not.toContain('"event":"A"')
})

test('events of earlier pages are dropped too when they are too old', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A')
  await page.close()
  await sleep(1100)
  world.attributes = `${DEFAULT_ATTRIBUTES} data-max-event-age-ms="1000"`
  const next = await world.open()
  await vi.waitFor(async () => expect(await stored(next)).not.toContain('"event":"A"'), 5000)
  expect(await stats(next)).toMatchObject({ created: 0, dropped: 0 })
})

test('a queue that is too large loses its oldest events, with the reason', async () => {
  world.attributes = `${DEFAULT_ATTRIBUTES} data-max-queue-bytes="20000"`
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await page.evaluate(() => {
    for (let index = 0; index < 10; index++) {
      void tributary.track(`E${index}`, { pad: 'x'.repeat(4000) })
    }
  })
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({
      ...NO_EVENTS,
      created: 10,
      dropped: 6,
      pending: 4,
      reasons: { queue_full: 6 },
    })
  }, 5000)
  world.answer = accepted
  world.requests = []
  await flush(page)
  await vi.waitFor(async () => expect((await stats(page)).delivered).toBe(4), 5000)
  expect(world.names().sort()).toEqual(['E6', 'E7', 'E8', 'E9'])
})

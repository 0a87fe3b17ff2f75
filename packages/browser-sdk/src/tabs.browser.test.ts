import { expect, test, vi } from 'vitest'
import { accepted, flush, NO_EVENTS, stats, track, useBrowser } from '../test/real-browser.ts'

const world = useBrowser()

test('two tabs agree on who the person is, and each event is sent once', async () => {
  const [one, two] = [await world.open(), await world.open()]
  await one.evaluate(() => void tributary.identify('u1'))
  expect(await two.evaluate(() => tributary.user().id())).toBe('u1')
  await Promise.all(
    [one, two].map((page, tab) =>
      track(page, ...Array.from({ length: 60 }, (_, index) => `${tab}:${index}`)),
    ),
  )
  await vi.waitFor(async () => {
    expect(await stats(one)).toEqual({ ...NO_EVENTS, created: 61, delivered: 61 })
    expect(await stats(two)).toEqual({ ...NO_EVENTS, created: 60, delivered: 60 })
  }, 10_000)
  expect(world.names()).toHaveLength(121)
  expect(new Set(world.names()).size).toBe(121)
  const ids = world.requests.flat().map((event) => event.anonymousId)
  expect(new Set(ids).size).toBe(1)
})

test("a tab learns what another tab's request brought for its events", async () => {
  world.answer = () => ({ status: 503, headers: { 'retry-after': '60' } })
  const one = await world.open()
  await track(one, 'A')
  await flush(one)
  world.answer = (batch) => accepted(batch, 'rejected')
  await world.open()
  await vi.waitFor(async () => {
    expect(await stats(one)).toEqual({
      ...NO_EVENTS,
      created: 1,
      rejected: 1,
      reasons: { rejected: 1 },
    })
  }, 5000)
})

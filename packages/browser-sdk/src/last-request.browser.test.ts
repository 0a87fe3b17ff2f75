import { expect, test, vi } from 'vitest'
import { accepted, flush, namesOf, stats, track, useBrowser } from '../test/real-browser.ts'

const world = useBrowser({ hasFetchLater: true })

/** So long that nothing is sent before the page ends. */
const SLOW = 'data-write-key="wk" data-flush-interval-ms="60000"'
/** In which the page has left its last request with the browser. */
const MOMENT_MS = 300

/** Takes each event once, as the collector does. Gives the names of those that were taken, and how often each came. */
function collect(): { taken: string[]; came: string[] } {
  const known = new Set<string>()
  const seen = { taken: [] as string[], came: [] as string[] }
  world.answer = (batch) => {
    seen.came.push(...namesOf(batch))
    seen.taken.push(...namesOf(batch.filter(({ messageId }) => !known.has(messageId))))
    const results = batch.map(({ messageId }) => {
      const status = known.has(messageId) ? 'duplicate' : 'accepted'
      known.add(messageId)
      return [messageId, { status }]
    })
    return { status: 200, body: { success: true, results: Object.fromEntries(results) } }
  }
  return seen
}

async function crash(page: Awaited<ReturnType<typeof world.open>>): Promise<void> {
  const session = await world.context.newCDPSession(page)
  void session.send('Page.crash').catch(() => {})
  await page.waitForEvent('crash')
}

test('what a renderer that crashes had not sent arrives though nobody comes back, and once when somebody does', async () => {
  world.attributes = SLOW
  const { taken, came } = collect()
  const page = await world.open()
  await track(page, 'A', 'B')
  await page.waitForTimeout(MOMENT_MS)
  expect(came).toEqual([])
  await crash(page)
  await vi.waitFor(() => expect(came).toEqual(['A', 'B']), 5000)
  // By it the collector would take the time until the crash for an error of the clock.
  expect(world.envelopes.map(({ sentAt }) => sentAt)).toEqual([undefined])
  await page.close()
  const next = await world.open()
  await flush(next)
  await vi.waitFor(() => expect(came).toEqual(['A', 'B', 'A', 'B']), 5000)
  expect(taken).toEqual(['A', 'B'])
})

test('what an attempt could not deliver goes out when the page crashes, though the next attempt was far away', async () => {
  world.attributes = SLOW
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  await page.waitForTimeout(MOMENT_MS)
  const { came } = collect()
  await crash(page)
  await vi.waitFor(() => expect(came).toEqual(['A']), 5000)
})

test('a page that is closed in order sends nothing twice', async () => {
  world.attributes = SLOW
  const { came } = collect()
  const page = await world.open()
  await track(page, 'A', 'B')
  await page.waitForTimeout(MOMENT_MS)
  await page.close({ runBeforeUnload: true })
  await vi.waitFor(() => expect(came).toEqual(['A', 'B']), 5000)
  const other = await world.context.newPage()
  await other.waitForTimeout(1000)
  expect(came).toEqual(['A', 'B'])
})

test('what was acknowledged is not sent when the page crashes', async () => {
  const { came } = collect()
  const page = await world.open()
  await track(page, 'A')
  await flush(page)
  expect(await stats(page)).toMatchObject({ delivered: 1, pending: 0 })
  await crash(page)
  const other = await world.context.newPage()
  await other.waitForTimeout(1000)
  expect(came).toEqual(['A'])
})

test('after consent is withdrawn nothing goes out, and before it is given nothing either', async () => {
  world.attributes = `${SLOW} data-consent="pending"`
  const { came } = collect()
  const open = async (): Promise<Awaited<ReturnType<typeof world.open>>> => {
    const page = await world.context.newPage()
    await page.goto(world.origin)
    await page.waitForFunction(() => 'consent' in tributary)
    return page
  }
  const pending = await open()
  await pending.evaluate(() => void tributary.track('A'))
  await pending.waitForTimeout(MOMENT_MS)
  await crash(pending)
  const denied = await open()
  await denied.evaluate(() => void tributary.push(['consent', { analytics: true }]))
  await denied.waitForFunction(() => tributary.stats().storage === 'indexeddb')
  await denied.waitForTimeout(2 * MOMENT_MS)
  await track(denied, 'B')
  await denied.waitForTimeout(MOMENT_MS)
  // In the task of the withdrawal: what the queue still has is removed later.
  await denied.evaluate(() => {
    tributary.push(['consent', { analytics: false }])
    IDBObjectStore.prototype.getAll = () => ({}) as IDBRequest
  })
  // The browser hears of it in a process of its own.
  await denied.waitForTimeout(100)
  await crash(denied)
  const other = await world.context.newPage()
  await other.waitForTimeout(1000)
  expect(came).toEqual([])
})

test('a request over the quota is left out without harm, and one is left a second at most', async () => {
  world.attributes = SLOW
  const page = await world.context.newPage()
  const errors: Error[] = []
  world.context.on('weberror', (error) => errors.push(error.error()))
  await page.addInitScript(() => {
    const given: number[] = []
    const { fetchLater } = globalThis as unknown as {
      fetchLater(url: string, init: RequestInit): object
    }
    Object.assign(globalThis, {
      given,
      fetchLater(url: string, init: RequestInit) {
        given.push(`${init.body}`.length)
        return fetchLater(url, init)
      },
    })
    // Others have taken what there is.
    const controller = new AbortController()
    fetchLater('/other', { method: 'POST', body: 'x'.repeat(60_000), signal: controller.signal })
    addEventListener('done', () => controller.abort())
  })
  await page.goto(world.origin)
  await page.waitForFunction(() => globalThis.tributary?.stats?.().reasons)
  for (let index = 0; index < 10; index++) {
    await page.evaluate((text) => void tributary.track('A', { text }), 'x'.repeat(8000))
  }
  await page.waitForTimeout(1500)
  const given = await page.evaluate(() => (globalThis as unknown as { given: number[] }).given)
  expect(given.length).toBeLessThanOrEqual(4)
  expect(Math.max(...given)).toBeGreaterThan(50_000)
  expect(Math.max(...given)).toBeLessThan(64 * 1024)
  world.answer = accepted
  await flush(page)
  expect(await stats(page)).toMatchObject({ created: 10, delivered: 10 })
  expect(errors).toEqual([])
  await page.evaluate(() => dispatchEvent(new Event('done')))
})

test('where the browser has no fetchLater, nothing of it happens', async () => {
  await world.context.addInitScript(() => {
    Object.defineProperty(globalThis, 'fetchLater', { value: undefined })
  })
  world.attributes = SLOW
  const { came } = collect()
  const page = await world.open()
  await track(page, 'A')
  await page.waitForTimeout(MOMENT_MS)
  await crash(page)
  const other = await world.context.newPage()
  await other.waitForTimeout(1000)
  expect(came).toEqual([])
  const next = await world.open()
  await flush(next)
  await vi.waitFor(() => expect(came).toEqual(['A']), 5000)
})

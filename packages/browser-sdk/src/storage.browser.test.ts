import { expect, test, vi } from 'vitest'
import {
  accepted,
  flush,
  NO_EVENTS,
  namesOf,
  stats,
  stored,
  track,
  useBrowser,
} from '../test/real-browser.ts'

const world = useBrowser()

/** Lets the collector take everything from now on. Gives the names of what it took, in order; as it does, each id once. */
function acceptAndNote(): string[] {
  const taken: string[] = []
  const known = new Set<string>()
  world.answer = (batch) => {
    taken.push(...namesOf(batch.filter(({ messageId }) => !known.has(messageId))))
    for (const { messageId } of batch) known.add(messageId)
    return accepted(batch)
  }
  return taken
}

test('a call resolves after the commit of the event, and then it is nowhere but in the database', async () => {
  world.answer = () => ({ status: 503 })
  await world.context.addInitScript(() => {
    const order: string[] = []
    Object.assign(window, { order })
    const { transaction } = IDBDatabase.prototype
    IDBDatabase.prototype.transaction = function (...args) {
      const made = transaction.apply(this, args)
      if (made.mode === 'readwrite')
        made.addEventListener('complete', () => order.push('committed'))
      return made
    }
  })
  const page = await world.open()
  const order = await page.evaluate(async () => {
    await tributary.ready()
    const { order } = window as unknown as { order: string[] }
    order.length = 0
    const recorded = tributary.track('A')
    order.push('called')
    await recorded
    return [...order, 'resolved']
  })
  expect(order).toEqual(['called', 'committed', 'resolved'])
  const copies = (await stored(page)).split('\n').filter((line) => line.includes('"event":"A"'))
  expect(copies).toHaveLength(1)
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('spill')
})

test('a renderer that crashes right after 200 calls loses none of them', async () => {
  world.answer = () => undefined
  const page = await world.open()
  const session = await world.context.newCDPSession(page)
  await page.evaluate(() => {
    for (let index = 0; index < 200; index++) void tributary.track(`E${index}`)
  })
  void session.send('Page.crash').catch(() => {})
  await page.waitForEvent('crash')
  await page.close()
  const taken = acceptAndNote()
  await world.open()
  const names = Array.from({ length: 200 }, (_, index) => `E${index}`)
  await vi.waitFor(() => expect(taken).toEqual(names), 8000)
})

test('a database that fails half-way costs nothing, and stats tell where the queue is', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A', 'B')
  expect((await stats(page)).storage).toBe('indexeddb')
  const errors = await page.evaluate(async () => {
    const errors: unknown[] = []
    tributary.on('error', ({ code }) => errors.push(code))
    const { put } = IDBObjectStore.prototype
    let left = 1
    IDBObjectStore.prototype.put = function (...args) {
      if (left-- <= 0) throw new DOMException('The disk is broken.', 'UnknownError')
      return put.apply(this, args)
    }
    for (const name of ['C', 'D', 'E']) await tributary.track(name)
    return errors
  })
  expect(errors).toContain('disk_failed')
  expect((await stats(page)).storage).toBe('localstorage')
  const taken = acceptAndNote()
  await flush(page)
  await vi.waitFor(async () => {
    expect(await stats(page)).toMatchObject({ created: 5, delivered: 5, pending: 0 })
  }, 8000)
  expect(taken.sort()).toEqual(['A', 'B', 'C', 'D', 'E'])
  // Nor does the next page find anything.
  await page.reload()
  await page.waitForFunction(() => globalThis.tributary?.stats)
  await track(page, 'F')
  await flush(page)
  expect(taken).toEqual(['A', 'B', 'C', 'D', 'E', 'F'])
})

test('where the quota is used up, the queue goes on in localStorage', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.context.newPage()
  const session = await world.context.newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: world.origin, quotaSize: 1 })
  await page.goto(world.origin)
  await page.waitForFunction(() => globalThis.tributary?.stats)
  await track(page, 'A', 'B')
  expect((await stats(page)).storage).toBe('localstorage')
  await page.close()
  const taken = acceptAndNote()
  const next = await world.open()
  await track(next, 'C')
  await vi.waitFor(() => expect([...taken].sort()).toEqual(['A', 'B', 'C']), 5000)
})

test('where localStorage is full too, the queue goes on in memory', async () => {
  const page = await world.open()
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('Full.', 'QuotaExceededError')
    }
    // To the last character.
    for (let size = 2 ** 22; size >= 1; size /= 2) {
      try {
        for (let part = 0; ; part++) localStorage.setItem(`fill${size}:${part}`, 'x'.repeat(size))
      } catch {}
    }
  })
  world.answer = () => ({ status: 503 })
  await track(page, 'A', 'B')
  expect((await stats(page)).storage).toBe('memory')
  const taken = acceptAndNote()
  await flush(page)
  await vi.waitFor(async () => expect((await stats(page)).delivered).toBe(2), 5000)
  expect(taken.sort()).toEqual(['A', 'B'])
})

test('a database that is deleted under the page costs none of its events', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await track(page, 'A', 'B', 'C')
  const session = await world.context.newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', {
    origin: world.origin,
    storageTypes: 'indexeddb',
  })
  await track(page, 'D')
  // Written again, in case the page ends before it can send.
  await vi.waitFor(async () => expect(await stored(page)).toContain('"event":"A"'), 3000)
  const taken = acceptAndNote()
  await flush(page)
  await vi.waitFor(async () => {
    expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 4, delivered: 4 })
  }, 10_000)
  expect(taken.sort()).toEqual(['A', 'B', 'C', 'D'])
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
  // What it sent while going, which had no answer.
  await vi.waitFor(() => expect(world.names()).toHaveLength(3), 3000)
  world.answer = accepted
  world.requests = []
  const next = await world.open()
  await vi.waitFor(() => expect(world.names()).toEqual(['E0', 'E1', 'E2']), 5000)
  expect(
    await next.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('spill'))),
  ).toEqual([])
})

test.each([
  [
    'is missing',
    'localstorage',
    () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
  ],
  [
    'is forbidden',
    'localstorage',
    () =>
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('No.', 'SecurityError')
        },
      }),
  ],
  [
    'and localStorage are forbidden',
    'memory',
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
    'localstorage',
    () => {
      IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest
    },
  ],
] as const)('delivers where IndexedDB %s', async (_, storage, breakIt) => {
  await world.context.addInitScript(breakIt)
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.identify('u')
    void tributary.track('A')
  })
  await vi.waitFor(
    async () =>
      expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 2, delivered: 2, storage }),
    20_000,
  )
  expect(world.names()).toEqual(['identify', 'A'])
  expect(world.requests.flat().map((event) => event.userId)).toEqual(['u', 'u'])
})

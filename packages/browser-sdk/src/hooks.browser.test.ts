import type { Page } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import {
  accepted,
  flush,
  NO_EVENTS,
  stats,
  stored,
  track,
  useBrowser,
} from '../test/real-browser.ts'

const world = useBrowser()

/** Opens a page whose script tag stands in for Segment's snippet, with `beforeSend` among its options. */
function openWith(beforeSend: string): Promise<Page> {
  world.head = `<script>
    analytics = []
    analytics._loadOptions = { beforeSend: ${beforeSend} }
  </script>`
  return world.open()
}

const SECRET = 'ada@secret.example'

test('beforeSend redacts before anything is kept: what it took out is nowhere', async () => {
  world.answer = () => ({ status: 503 })
  const page = await openWith(`(event) => {
    if (event.traits) event.traits.email = '[redacted]'
    if (event.properties) delete event.properties.email
    event.context.page.url = '[redacted]'
  }`)
  const given = await page.evaluate(async (email) => {
    const properties = { email, n: 1 }
    const { event } = await tributary.track('A', properties)
    // A burst that is spilled, and not yet in the database.
    for (let index = 0; index < 10; index++) void tributary.track('B', { email })
    return [properties, event]
  }, SECRET)
  expect(given).toEqual([
    { email: SECRET, n: 1 },
    expect.objectContaining({ properties: { n: 1 }, messageId: expect.any(String) }),
  ])
  const spilled = await page.evaluate(() => {
    void tributary.track('C', { email: 'ada@secret.example' })
    return Promise.resolve().then(() => JSON.stringify(localStorage))
  })
  expect(spilled).toContain('spill')
  await flush(page)
  const kept = (await stored(page)) + spilled + JSON.stringify(world.requests)
  expect(kept).toContain('"event":"B"')
  expect(kept).not.toContain(SECRET)
  expect(world.events()[0]?.context?.page?.url).toBe('[redacted]')
})

test('beforeSend drops with null and by throwing, and both are counted', async () => {
  const page = await openWith(`(event) => {
    if (event.event === 'private') return null
    if (event.event === 'broken') throw new Error('mine')
    return { ...event, event: event.event + '!' }
  }`)
  const outcomes = await page.evaluate(async () => {
    const receipts = await Promise.all(
      ['A', 'private', 'broken'].map((name) => tributary.track(name)),
    )
    return Promise.all(
      receipts.map(async ({ event, delivered }) => {
        const { outcome, reason } = await delivered
        return [(event as { event?: string } | undefined)?.event, outcome, reason]
      }),
    )
  })
  expect(outcomes).toEqual([
    ['A!', 'delivered', undefined],
    [undefined, 'dropped', 'hook'],
    [undefined, 'dropped', 'hook_failed'],
  ])
  expect(world.names()).toEqual(['A!'])
  expect(await stats(page)).toEqual({
    ...NO_EVENTS,
    created: 3,
    delivered: 1,
    dropped: 2,
    reasons: { hook: 1, hook_failed: 1 },
  })
  expect(world.events()[0]?.context?.delivery).toMatchObject({ seq: 0 })
})

test.each([
  ['none', 'delete event.messageId'],
  ['one that is no text', 'event.messageId = 7'],
  ['one that the collector would replace', "event.messageId = 'x'.repeat(101)"],
  ['half a letter', "event.messageId = '\\ud83d'"],
])(
  'an event that a hook leaves with %s for its messageId gets one that can be answered',
  async (_, change) => {
    const page = await openWith(`(event) => { ${change} }`)
    await track(page, 'A')
    await vi.waitFor(async () => {
      expect(await stats(page)).toEqual({ ...NO_EVENTS, created: 1, delivered: 1 })
    }, 3000)
    expect(world.events()[0]?.messageId).toMatch(/^[\da-f-]{36}$/)
  },
)

test('plugins of the four types see an event in the order of its life', async () => {
  world.answer = () => ({ status: 503 })
  const page = await world.open()
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    const see = (name: string) => ({ type: name, track: () => void seen.push(name) })
    void tributary.register(
      { ...see('after'), type: 'after' },
      { ...see('destination'), type: 'destination' },
      { ...see('enrichment'), type: 'enrichment', load: () => void seen.push('load') },
      { ...see('before'), type: 'before' },
    )
    void tributary.addSourceMiddleware(({ payload, next }) => {
      seen.push('middleware')
      next(payload)
    })
    tributary.on('persisted', () => seen.push('persisted'))
    tributary.on('delivered', () => seen.push('delivered'))
  })
  const seen = (): Promise<string[]> =>
    page.evaluate(() => (window as unknown as { seen: string[] }).seen)
  await track(page, 'A')
  const sofar = ['load', 'middleware', 'before', 'enrichment', 'destination', 'persisted']
  expect([...(await seen())].sort()).toEqual([...sofar].sort())
  expect((await seen()).slice(0, 4)).toEqual(sofar.slice(0, 4))
  world.answer = accepted
  await flush(page)
  await vi.waitFor(async () => expect(await seen()).toHaveLength(8), 3000)
  expect((await seen()).slice(6).sort()).toEqual(['after', 'delivered'])
})

test('a plugin that a page registers before the script is there sees its events too', async () => {
  world.head = `<script>
    tributary = [['track', 'A', { email: '${SECRET}' }], ['register', {
      type: 'before', track(event) { delete event.properties.email }
    }], ['register', null], ['track', 'B', { email: '${SECRET}' }]]
  </script>`
  const page = await world.open()
  await flush(page)
  await vi.waitFor(() => expect(world.names()).toEqual(['A', 'B']), 3000)
  expect(JSON.stringify(world.requests)).not.toContain(SECRET)
})

test('a hook that answers later is refused: the event would have been kept as it was', async () => {
  const page = await world.open()
  const outcome = await page.evaluate(async () => {
    // @ts-expect-error: a page in plain JavaScript can pass anything
    void tributary.register({ type: 'before', track: async (event) => event })
    const { event, delivered } = await tributary.track('A')
    return { event, ...(await delivered) }
  })
  expect(outcome).toEqual({ event: undefined, outcome: 'dropped', reason: 'hook_failed' })
  await flush(page)
  expect(world.requests).toEqual([])
})

test('source middleware changes and drops, as with Segment', async () => {
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.addSourceMiddleware(({ payload, integrations, next }) => {
      const { obj } = payload
      if (obj.type === 'track' && obj.event === 'dropped') return
      obj.context = { ...obj.context, seen: JSON.stringify(integrations) }
      next(payload)
    })
    void tributary.track('dropped')
    void tributary.track('A', {}, { integrations: { All: false } })
  })
  await flush(page)
  expect(world.names()).toEqual(['A'])
  expect(world.events()[0]?.context).toMatchObject({ seen: '{"All":false}' })
})

test('listeners are told how events end, with the reasons, until they are taken off', async () => {
  let answers = 0
  world.answer = (batch) => {
    if (answers++ === 0) return { status: 503 }
    const statuses: Record<string, object> = {
      Bad: { status: 'rejected', code: 'invalid_field' },
      Again: { status: 'duplicate' },
    }
    const results = batch.map((event) => [
      event.messageId,
      statuses[event.type === 'track' ? event.event : ''] ?? { status: 'accepted' },
    ])
    return { status: 200, body: { success: true, results: Object.fromEntries(results) } }
  }
  const page = await world.open()
  await page.evaluate(() => {
    const told: unknown[] = []
    Object.assign(window, { told })
    for (const name of ['delivered', 'rejected', 'dropped'] as const) {
      tributary.on(name, ({ messageId, ...ending }) => told.push([name, messageId, ending]))
    }
    const once = (): unknown => told.push(['once'])
    tributary.once('error', ({ code, status }) => told.push(['error', code, status]))
    tributary.once('delivered', once)
    tributary.once('rejected', once)
    tributary.off('rejected', once)
    tributary.on('delivered', () => {
      throw new Error('mine')
    })
    for (const name of ['A', 'Again', 'Bad']) void tributary.track(name, {}, { messageId: name })
    void tributary.track('Big', { big: 1n })
  })
  const told = (): Promise<unknown[]> =>
    page.evaluate(() => (window as unknown as { told: unknown[] }).told)
  await vi.waitFor(async () => {
    expect((await told()).sort()).toEqual(
      [
        ['dropped', expect.any(String), { outcome: 'dropped', reason: 'unserialisable' }],
        ['error', 'request_failed', 503],
        ['delivered', 'A', { outcome: 'delivered' }],
        ['once'],
        ['delivered', 'Again', { outcome: 'duplicate' }],
        ['rejected', 'Bad', { outcome: 'rejected', code: 'invalid_field' }],
      ].sort(),
    )
  }, 8000)
})

test('the receipt of a call waits for its verdict, through failures', async () => {
  world.answer = () => undefined
  const page = await world.open()
  const isOpen = await page.evaluate(async () => {
    const { event, delivered } = await tributary.track('A')
    Object.assign(window, { id: event?.messageId, delivered })
    return Promise.race([delivered, new Promise((resolve) => setTimeout(resolve, 500, 'open'))])
  })
  expect(isOpen).toBe('open')
  world.answer = (batch) => accepted(batch, 'duplicate')
  await flush(page)
  expect(
    await page.evaluate(() => (window as unknown as { delivered: Promise<object> }).delivered),
  ).toEqual({ outcome: 'duplicate' })
})

test('an event that is too large is shortened with a mark, not lost', async () => {
  const page = await world.open()
  await page.evaluate(() => {
    void tributary.track('A', { text: '漢'.repeat(100_000), list: Array(20_000).fill(1), n: 1 })
  })
  await flush(page)
  expect(world.events()[0]).toMatchObject({
    properties: { text: `${'漢'.repeat(1000)}[truncated]`, list: '[truncated]', n: 1 },
    context: { truncated: ['properties.text', 'properties.list'], delivery: { seq: 0 } },
  })
})

import { expect, test } from 'vitest'
import type { Event } from './collector.ts'
import { useVisit } from './visit.ts'

const visit = useVisit()

/** What an event is about, in one line: its name and the page it happened on. */
function summary({ type, event, name, context }: Event): string {
  return `${event ?? `${type} ${name ?? ''}`.trim()} @ ${context.page.path}`
}

test('a visit that goes offline, closes its tab and comes back is there, once, in order', async () => {
  const tab = await visit.browser.newPage()
  await tab.goto(`${visit.collector.url}/`)
  await tab.getByTestId('products').getByRole('link').first().click()
  await tab.getByTestId('add-to-cart').click()
  await visit.waitForEvents(6)

  // Offline: clicks go on, then the tab is closed before anything could be sent.
  await visit.browser.setOffline(true)
  for (let click = 0; click < 3; click++) await tab.getByTestId('add-to-cart').click()
  await tab.close()
  expect(await visit.events()).toHaveLength(6)

  await visit.browser.setOffline(false)
  const next = await visit.browser.newPage()
  await next.goto(`${visit.collector.url}/cart.html`)
  await next.getByTestId('checkout').click()
  await next.getByTestId('name-input').fill('Ada')
  await next.getByTestId('email-input').fill('ada@example.com')
  await next.getByTestId('company-input').fill('Engines')
  await next.getByTestId('place-order').click()
  const events = await visit.waitForEvents(15)

  expect(events.map(({ messageId }) => messageId)).toHaveLength(15)
  expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(15)
  const inOrder = [...events].sort((a, b) => (a.messageId < b.messageId ? -1 : 1))
  expect(inOrder.map(summary)).toEqual([
    'page Products @ /',
    'Product List Viewed @ /',
    'Product Clicked @ /',
    'page Product @ /product.html',
    'Product Viewed @ /product.html',
    'Product Added @ /product.html',
    'Product Added @ /product.html',
    'Product Added @ /product.html',
    'Product Added @ /product.html',
    'page Cart @ /cart.html',
    'Cart Viewed @ /cart.html',
    'Checkout Started @ /cart.html',
    'identify @ /cart.html',
    'group @ /cart.html',
    'Order Completed @ /cart.html',
  ])
  expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
  expect(inOrder.map(({ userId }) => userId ?? null)).toEqual([
    ...Array(12).fill(null),
    ...Array(3).fill('ada@example.com'),
  ])
  const completed = inOrder.at(-1) as Event
  expect(completed.context.page.url).toBe(`${visit.collector.url}/cart.html`)
  expect(completed.context.ip).toBe('127.0.0.1')
  expect(completed.context.userAgent).toContain('Chrome')
  expect(completed.properties.products).toMatchObject([{ quantity: 4 }])

  // Each page load is a stream of its own, and none has a gap.
  const streams = new Map<string, number[]>()
  for (const { context } of inOrder) {
    const { stream, seq } = context.delivery
    streams.set(stream, [...(streams.get(stream) ?? []), seq])
  }
  expect([...streams.values()]).toEqual([
    [0, 1, 2],
    [0, 1, 2, 3, 4, 5],
    [0, 1, 2, 3, 4, 5],
  ])
  // The times are those of the clicks, though some arrived much later.
  const times = inOrder.map(({ originalTimestamp }) => Date.parse(originalTimestamp))
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('the collector being away is no different from being offline', async () => {
  const tab = await visit.browser.newPage()
  await tab.goto(`${visit.collector.url}/product.html?id=none`)
  await visit.waitForEvents(1)
  await visit.collector.kill()
  await tab.evaluate(() => {
    const { tributary } = window as unknown as { tributary: { track(name: string): void } }
    for (let index = 0; index < 30; index++) tributary.track(`While Away ${index}`)
  })
  await tab.waitForTimeout(500)
  await tab.close()
  await visit.collector.restart()
  const next = await visit.browser.newPage()
  await next.goto(`${visit.collector.url}/`)
  const away = await visit.waitForEvents(30, ({ event }) => event?.startsWith('While Away'))
  expect(away.map(({ event }) => event)).toEqual(
    Array.from({ length: 30 }, (_, index) => `While Away ${index}`),
  )
})

import { seededRandom } from '../random.mjs'

/** Realistic events from a seed: the same seed gives the same ones. */

const PAGES = ['/', '/catalogue', '/product/lamp', '/product/chair', '/cart', '/checkout', '/about']
const EVENTS = [
  'Product Viewed',
  'Product Added',
  'Checkout Started',
  'Order Completed',
  'Searched',
]
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
]
const DAY_MS = 24 * 60 * 60 * 1000

/** So many events of one day, in the order of arrival, as lines of NDJSON. */
export function makeLines(count, seed, dayStartMs) {
  const random = seededRandom(seed)
  const pick = (list) => list[Math.floor(random() * list.length)]
  const hex = (digits) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  const people = Array.from({ length: Math.ceil(count / 20) }, (_, index) => ({
    anonymousId: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    userId: index % 5 === 0 ? `user-${index}` : undefined,
    userAgent: pick(AGENTS),
    ip: `203.0.113.${Math.floor(random() * 256)}`,
    stream: hex(16),
    seq: 0,
  }))
  return Array.from({ length: count }, (_, index) => {
    const receivedAtMs = dayStartMs + Math.floor((index / count) * DAY_MS)
    // Few people make most of the events.
    const person = people[Math.floor(random() ** 2 * people.length)]
    const path = pick(PAGES)
    const isPage = random() < 0.5
    const time = receivedAtMs.toString(16).padStart(12, '0')
    return JSON.stringify({
      type: isPage ? 'page' : 'track',
      messageId: `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`,
      anonymousId: person.anonymousId,
      ...(person.userId && { userId: person.userId }),
      ...(isPage ? { name: path } : { event: pick(EVENTS) }),
      properties: isPage
        ? { path, title: `Shop · ${path}`, url: `https://shop.example${path}` }
        : {
            product_id: `p-${Math.floor(random() * 500)}`,
            price: Math.floor(random() * 20000) / 100,
            currency: 'EUR',
            quantity: 1 + Math.floor(random() * 3),
          },
      context: {
        ip: person.ip,
        userAgent: person.userAgent,
        locale: 'de-DE',
        library: { name: '@tributary/browser', version: '0.1.0' },
        page: { path, url: `https://shop.example${path}`, referrer: '' },
        delivery: { stream: person.stream, seq: person.seq++ },
      },
      source: 'web',
      receivedAt: new Date(receivedAtMs).toISOString(),
      originalTimestamp: new Date(receivedAtMs - 40).toISOString(),
      sentAt: new Date(receivedAtMs - 20).toISOString(),
      timestamp: new Date(receivedAtMs - 20).toISOString(),
    })
  })
}

import { v7 } from 'uuid'

const USER_AGENT =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'

/**
 * Requests as a browser sends them, every event new.
 *
 * @param {number} count
 * @param {number} batchSize Events in each, all of one visitor.
 * @returns {Buffer[]}
 */
export function browserRequests(count, batchSize) {
  return Array.from({ length: count }, () => {
    const anonymousId = v7().split('').reverse().join('')
    const stream = v7()
    const batch = Array.from({ length: batchSize }, (_, seq) => event(anonymousId, stream, seq))
    const body = JSON.stringify({
      writeKey: 'wk_bench',
      sentAt: new Date().toISOString(),
      verdicts: true,
      batch,
    })
    const head = [
      'POST /v1/batch HTTP/1.1',
      'host: 127.0.0.1',
      'content-type: text/plain;charset=UTF-8',
      'origin: https://shop.example',
      `user-agent: ${USER_AGENT}`,
      `content-length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
}

function event(anonymousId, stream, seq) {
  return {
    type: 'track',
    event: 'Product Viewed',
    messageId: v7(),
    anonymousId,
    timestamp: new Date().toISOString(),
    properties: { sku: `SKU-${seq}`, price: 19.9, currency: 'EUR', position: seq, list: 'search' },
    context: {
      library: { name: 'tributary.js', version: '0.1.0' },
      page: {
        path: '/products/lamp',
        referrer: 'https://www.google.com/',
        search: '?utm_source=newsletter&utm_medium=email&utm_campaign=autumn',
        title: 'A lamp',
        url: 'https://shop.example/products/lamp?utm_source=newsletter&utm_medium=email&utm_campaign=autumn',
      },
      locale: 'en-GB',
      timezone: 'Europe/Berlin',
      screen: { width: 1440, height: 900, density: 2 },
      delivery: { stream, seq },
    },
  }
}

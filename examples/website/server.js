import { Tributary } from '@tributary/node'

const MINUTE_MS = 60 * 1000
const HOUR_MS = 60 * MINUTE_MS

/**
 * What of the shop runs on a server: `POST /server/orders` with `[{ userId, orderId, total, atMs, hasProblem }]` takes the
 * money, ships, and hears from whoever has a problem. The page knows nothing of it; events of both are one person's by `userId`.
 *
 * @param {Request} request Of a path below `/server/`.
 * @param {{ writeKey: string, endpoint: string }} collector Where the events go.
 * @returns {Promise<Response>}
 */
export async function handle(request, collector) {
  if (request.method !== 'POST' || new URL(request.url).pathname !== '/server/orders') {
    return new Response('There is no such path.', { status: 404 })
  }
  const orders = await request.json().catch(() => undefined)
  if (!Array.isArray(orders)) return new Response('A list of orders is needed.', { status: 400 })
  const tributary = new Tributary(collector)
  for (const order of orders) fulfil(tributary, order)
  await tributary.closeAndFlush()
  const { delivered } = tributary.stats()
  return Response.json({ delivered })
}

/** What happens to an order after it, as of when it would have. */
function fulfil(tributary, { userId, orderId, total, atMs, hasProblem }) {
  const tell = (event, afterMs, properties) => {
    const timestamp = new Date(Math.min(atMs + afterMs, Date.now()))
    tributary.track({ userId, event, properties: { order_id: orderId, ...properties }, timestamp })
  }
  tell('Payment Captured', MINUTE_MS, { total, currency: 'EUR' })
  tell('Order Shipped', 2 * HOUR_MS, { carrier: 'Post' })
  if (hasProblem) tell('Support Ticket Opened', 3 * HOUR_MS, { subject: 'A cup came broken' })
}

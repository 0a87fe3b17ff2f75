import { createServer } from 'node:http'
import { Tributary } from '@tributary/node'

const port = Number(process.env.PORT ?? 3000)
const tributary = new Tributary({
  writeKey: process.env.TRIBUTARY_WRITE_KEY,
  endpoint: process.env.TRIBUTARY_ENDPOINT ?? 'http://127.0.0.1:8787',
})
tributary.on('error', (error) => console.warn(error.message))

const routes = {
  'GET /health': () => [200, { status: 'ok' }],

  'POST /signup': ({ userId, ...traits }) => {
    if (!isId(userId)) return [400, { error: '"userId" must be a string that is not empty.' }]
    tributary.identify({ userId, traits })
    return [201, { userId }]
  },

  'POST /orders': ({ userId, ...order }) => {
    if (!isId(userId)) return [400, { error: '"userId" must be a string that is not empty.' }]
    if (!Number.isFinite(order.total)) return [400, { error: '"total" must be a number.' }]
    tributary.track({ userId, event: 'Order Completed', properties: order })
    return [201, { userId, total: order.total }]
  },
}

const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`]
  const body = request.method === 'POST' ? await readJson(request) : {}
  let answer = [404, { error: 'There is no such route.' }]
  if (route) answer = body ? route(body) : [400, { error: 'The body must be a JSON object.' }]
  response.writeHead(answer[0], { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer[1]))
})
server.listen(port, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${port}`))

// Events wait in memory: take no more requests, then send what is left before the process ends.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(async () => {
      const { remaining } = await tributary.closeAndFlush({ timeout: 5000 })
      if (remaining > 0) console.warn(`${remaining} events were not delivered`)
    })
  })
}

const isId = (value) => typeof value === 'string' && value !== ''

async function readJson(request) {
  try {
    const value = JSON.parse(Buffer.concat(await request.toArray()).toString())
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

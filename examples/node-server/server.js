import { randomUUID } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Tributary, updateContext } from '@tributary/node'
import { tributaryContext } from '@tributary/node/hono'
import { Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

const port = Number(process.env.PORT ?? 3000)
const tributary = new Tributary({
  writeKey: process.env.TRIBUTARY_WRITE_KEY,
  endpoint: process.env.TRIBUTARY_ENDPOINT ?? 'http://127.0.0.1:8787',
  // What is not delivered when the process is killed is delivered by the next one.
  queue: { directory: process.env.TRIBUTARY_QUEUE ?? '.tributary/queue' },
})
tributary.on('error', (error) => console.warn(error.message))

/** Who is logged in, by the session's cookie. A shop that means it keeps this in a database. */
const sessions = new Map()

const app = new Hono()

// From here on, every call carries the browser (its cookie), address, user agent and page of its request …
app.use(tributaryContext())

// … and the person, where somebody is logged in.
app.use(async (c, next) => {
  const userId = sessions.get(getCookie(c, 'session'))
  if (userId) updateContext({ userId })
  c.set('userId', userId)
  await next()
})

app.get('/health', (c) => c.json({ status: 'ok' }))

app.post('/login', async (c) => {
  const { userId, ...traits } = await readJson(c)
  if (typeof userId !== 'string' || userId === '') return c.json({ error: 'No "userId".' }, 400)
  const session = randomUUID()
  sessions.set(session, userId)
  setCookie(c, 'session', session, { httpOnly: true, sameSite: 'Lax' })
  // The browser's anonymous id goes with it: what this person did before is theirs from now on.
  tributary.identify({ userId, traits })
  return c.json({ userId }, 201)
})

app.post('/orders', async (c) => {
  const order = await readJson(c)
  if (!c.get('userId')) return c.json({ error: 'Log in first.' }, 401)
  if (!Number.isFinite(order.total)) return c.json({ error: '"total" must be a number.' }, 400)
  tributary.track({ event: 'Order Completed', properties: order })
  return c.json({ total: order.total }, 201)
})

const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () =>
  console.log(`listening http://127.0.0.1:${port}`),
)

// Take no more requests, then send what is left before the process ends.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close(async () => {
      const { remaining } = await tributary.closeAndFlush({ timeout: 5000 })
      if (remaining > 0) console.warn(`${remaining} events wait for the next start`)
    })
  })
}

/** The body as an object, an empty one where it is none. */
async function readJson(c) {
  const body = await c.req.json().catch(() => undefined)
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
}

// A Worker that records what it is asked for, and answers before that is delivered.
import { Tributary } from '@tributary/node'
import { tributaryContext } from '@tributary/node/hono'
import { Hono } from 'hono'

const app = new Hono()

app.get('/plain', (c) => {
  const tributary = new Tributary(c.env)
  tributary.track({ userId: 'plain', event: 'Counted', properties: { n: c.req.query('n') } })
  c.executionCtx.waitUntil(tributary.closeAndFlush())
  return c.text('ok')
})

app.use('/context', (c, next) => tributaryContext({ ipHeader: 'cf-connecting-ip' })(c, next))
app.get('/context', async (c) => {
  const waitUntil = (promise) => c.executionCtx.waitUntil(promise)
  const tributary = new Tributary({ ...c.env, waitUntil })
  await fetch('data:,nothing').catch(() => undefined)
  tributary.track({ event: 'In Context' })
  return c.text('ok')
})
app.onError((error, c) => c.text(error.message, 500))

// In the global scope, where nothing may be asked of the platform.
export const shared = new Tributary({ writeKey: 'wk', endpoint: 'http://127.0.0.1:9' })

export default app

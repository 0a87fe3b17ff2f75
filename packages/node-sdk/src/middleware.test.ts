import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { TributaryEvent } from '@tributary/protocol'
import express from 'express'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startCollector } from '../test/collector.ts'
import { tributaryContext as expressContext } from './express.ts'
import { tributaryContext as honoContext } from './hono.ts'
import { Tributary } from './node-client.ts'
import { currentContext, updateContext } from './request-context.ts'

const BROWSER = {
  'user-agent': 'Mozilla/5.0 (Test)',
  'accept-language': 'de-AT,de;q=0.9',
  referer: 'https://search.test/',
  cookie: 'tributary_id_js=browser-1; tributary_id=http-only',
  'x-forwarded-for': '203.0.113.9',
}

let collector: Awaited<ReturnType<typeof startCollector>>
let client: Tributary
const servers: Server[] = []

beforeEach(async () => {
  collector = await startCollector()
  client = new Tributary({ writeKey: 'wk', endpoint: collector.endpoint })
})

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  await client.closeAndFlush({ timeout: 1000 })
  collector.stop()
})

/** Every event that was recorded, after a flush. */
async function recorded(): Promise<TributaryEvent[]> {
  await client.flush()
  return collector.requests.flatMap(({ body }) => body.batch)
}

/** Asks as a browser does, all of whose headers `fetch` would not let through. */
async function ask(server: Server, path: string, headers: Record<string, string>, body?: string) {
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const method = body === undefined ? 'GET' : 'POST'
  const asked = request({ port, host: '127.0.0.1', path, headers, method }).end(body)
  const [answer] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  answer.resume()
  return answer.statusCode
}

/** What a handler does in these tests: tells who asks, waits, and tracks. */
async function handle(user: string | undefined): Promise<void> {
  if (user) updateContext({ userId: user })
  await sleep(user === 'slow' ? 30 : 1)
  client.track({ event: 'Seen' })
}

const FRAMEWORKS = {
  Hono() {
    const app = new Hono()
    app.use(honoContext())
    app.all('/at/*', async (c) => {
      if (c.req.method === 'POST') await c.req.json()
      await handle(c.req.path.split('/')[2])
      return c.text('ok')
    })
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  },
  Express() {
    const app = express()
    app.use(expressContext())
    // Behind the middleware: a body that is parsed must not lose the request's context.
    app.use(express.json())
    const router = express.Router()
    router.all('/{:user}', async (req, res) => {
      await handle(req.params.user)
      res.send('ok')
    })
    app.use('/at', router)
    return app.listen(0, '127.0.0.1')
  },
  'node:http'() {
    const context = expressContext()
    return createServer((req, res) => {
      context(req, res, async () => {
        await handle(req.url?.split(/[/?]/)[2])
        res.end('ok')
      })
    }).listen(0, '127.0.0.1')
  },
}

describe.each(Object.entries(FRAMEWORKS))('with %s', (_, start) => {
  it('a call carries the browser, the person and the page of its request', async () => {
    const server = start()
    servers.push(server)
    expect(await ask(server, '/at/u1?q=1', { ...BROWSER, host: 'shop.test:81' })).toBe(200)
    const [event] = await recorded()
    expect(event).toMatchObject({ type: 'track', userId: 'u1', anonymousId: 'browser-1' })
    const { library, delivery, ...context } = event?.context ?? {}
    expect(context).toEqual({
      ip: '127.0.0.1',
      userAgent: 'Mozilla/5.0 (Test)',
      locale: 'de-AT',
      page: {
        url: 'http://shop.test:81/at/u1?q=1',
        path: '/at/u1',
        search: '?q=1',
        referrer: 'https://search.test/',
      },
    })
    expect(library).toMatchObject({ name: '@tributary/node' })
    expect(delivery).toMatchObject({ seq: 0 })
  })

  it('requests that run at the same time do not see each other', async () => {
    const server = start()
    servers.push(server)
    await once(server, 'listening')
    const ofBrowser = (id: string) => ({ cookie: `tributary_id_js=${id}` })
    await Promise.all([
      ask(server, '/at/slow', ofBrowser('a')),
      ...['u2', 'u3', 'u4'].map((user) => ask(server, `/at/${user}`, ofBrowser(user))),
    ])
    const pairs = (await recorded()).map(({ userId, anonymousId }) => `${userId} ${anonymousId}`)
    expect(pairs.sort()).toEqual(['slow a', 'u2 u2', 'u3 u3', 'u4 u4'])
    expect(currentContext()).toBeUndefined()
  })

  it('a visitor without any id breaks no handler: the events of one request share an id', async () => {
    const server = start()
    servers.push(server)
    expect(await ask(server, '/at/', {})).toBe(200)
    expect(await ask(server, '/at/', {})).toBe(200)
    const [first, second] = await recorded()
    expect(first?.anonymousId).toMatch(/^[\da-f-]{36}$/)
    expect(second?.anonymousId).not.toBe(first?.anonymousId)
  })

  it('a body that is read in between loses nothing', async () => {
    const server = start()
    servers.push(server)
    const headers = { ...BROWSER, 'content-type': 'application/json' }
    expect(await ask(server, '/at/u1', headers, JSON.stringify({ a: 1 }))).toBe(200)
    expect(await recorded()).toMatchObject([{ userId: 'u1', anonymousId: 'browser-1' }])
  })
})

it("Express's own trust in a proxy is ours", async () => {
  const app = express()
  app.set('trust proxy', 1)
  app.use(expressContext())
  app.get('/', (_req, res) => {
    client.track({ event: 'Seen' })
    res.send('ok')
  })
  const server = app.listen(0, '127.0.0.1')
  servers.push(server)
  await ask(server, '/', {
    ...BROWSER,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.com',
  })
  expect((await recorded())[0]?.context).toMatchObject({
    ip: '203.0.113.9',
    page: { url: 'https://example.com/' },
  })
})

it("Hono's own word on the connection is taken, and where there is none, none", async () => {
  const app = new Hono()
  app.use(honoContext({ getConnInfo }))
  app.get('/', (c) => {
    client.track({ event: 'Seen' })
    return c.text('ok')
  })
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  servers.push(server)
  await ask(server, '/', {})
  expect((await app.request('/')).status).toBe(200)
  const [overSocket, inProcess] = await recorded()
  expect(overSocket?.context?.ip).toBe('127.0.0.1')
  expect(inProcess?.context).not.toHaveProperty('ip')
})

it.each([honoContext, expressContext])('a wrong option is told at the start', (create) => {
  expect(() => create({ proxies: -1 })).toThrow('"proxies"')
})

import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  ADMIN,
  batch,
  bindings,
  forgetAll,
  get,
  HOST,
  json,
  post,
  track,
  worker,
} from '../test-client.ts'
import { createApp } from './app.ts'
import { defineConfig } from './config.ts'
import { createHealth } from './routes/health.ts'

afterEach(forgetAll)

const CONFIG = defineConfig({ sources: [{ id: 'open', writeKeys: ['wk_open'] }], shards: 2 })

/** Paths below `/api` that are Jitsu's for sending, and need a write key instead. */
const FOR_SENDING = /^\/api\/(s|px)\//

const adminPaths = [
  ...new Set(
    createApp(CONFIG)
      .routes.map(({ path }) => path)
      .filter((path) => /^\/(api|metrics)(\/|$)/.test(path) && !FOR_SENDING.test(path))
      .map((path) => path.replace(/\/:[^/]+/g, '/x').replace('*', 'x')),
  ),
]

describe('what reads or operates', () => {
  test('is there to be tested', () => {
    expect(adminPaths).toEqual(expect.arrayContaining(['/api/events', '/api/drain', '/api/x']))
  })

  const credentials: Record<string, string>[] = [
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer at_test_token2' },
    { authorization: 'Bearer at_test_toke' },
    { authorization: 'Basic at_test_token' },
    { authorization: `Basic ${btoa('at_test_token:')}` },
    { authorization: 'Bearer wk_open' },
    { authorization: 'Bearer sk_strict', 'x-write-key': 'sk_strict' },
    { cookie: 'token=at_test_token', 'x-write-key': 'at_test_token' },
  ]
  test.for(adminPaths)('%s needs the admin token, whatever the method', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      for (const headers of method === 'GET' ? credentials : credentials.slice(0, 1)) {
        const url = `${HOST}${path}?token=at_test_token&writeKey=sk_strict`
        const response = await worker.fetch(url, { method, headers })
        expect(response.status).toBe(401)
        if (method === 'GET') expect(await json(response)).toMatchObject({ code: 'unauthorized' })
      }
    }
  })

  test('is closed where no token is set', async () => {
    const { TRIBUTARY_ADMIN_TOKEN: _, ...withoutToken } = bindings
    for (const path of adminPaths) {
      const response = await createApp(CONFIG).request(path, { headers: ADMIN }, withoutToken)
      expect(response.status).toBe(503)
      expect(await json(response)).toMatchObject({ code: 'admin_token_missing' })
    }
  })
})

test('no token and no key is in a log, also where something breaks', async () => {
  const logs = (['log', 'warn', 'error', 'info', 'debug'] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation(() => undefined),
  )
  const broken = { ...bindings, JOURNAL: undefined, LAKE: undefined }
  const app = createApp(CONFIG)
  for (const path of adminPaths) await app.request(path, { headers: ADMIN }, broken)
  const sent = { method: 'POST', body: batch('wk_open', [track('m1')]) }
  expect((await app.request('/v1/batch?writeKey=wk_open', sent, broken)).status).toBe(503)
  await post('/v1/batch', batch('wk_unbound', [track('m1')]))
  const lines = logs.flatMap(({ mock }) =>
    mock.calls.flat().map((part) => (part instanceof Error ? `${part} ${part.stack}` : `${part}`)),
  )
  for (const log of logs) log.mockRestore()
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join('\n')).not.toMatch(/at_test_token|wk_open|wk_unbound/)
})

describe('health', () => {
  test('is alive and ready', async () => {
    expect(await json(get('/healthz', {}))).toEqual({ status: 'ok', ready: true })
    expect(await json(get('/healthz/ready', {}))).toEqual({
      status: 'ok',
      ready: true,
      checks: { journal: true, lake: true },
    })
  })

  test('tells what does not answer, and stays alive', async () => {
    const broken = { ...bindings, LAKE: { head: () => Promise.reject(new Error('down')) } }
    const { alive, ready } = createHealth(CONFIG)
    const response = await ready(broken as unknown as typeof bindings)
    expect(response.status).toBe(503)
    expect(await json(response)).toMatchObject({ checks: { journal: true, lake: false } })
    expect(await json(alive(bindings))).toEqual({ status: 'ok', ready: false })
  })

  test('asks journal and lake once for many who ask', async () => {
    let count = 0
    const counting = {
      ...bindings,
      LAKE: {
        head: (key: string) => {
          count += 1
          return bindings.LAKE.head(key)
        },
      },
    } as unknown as typeof bindings
    const { ready } = createHealth(CONFIG)
    for (let asked = 0; asked < 20; asked++) await ready(counting)
    expect(count).toBe(1)
  })

  test('does not wait for what hangs', { timeout: 10_000 }, async () => {
    const hanging = { ...bindings, LAKE: { head: () => new Promise(() => undefined) } }
    const response = await createHealth(CONFIG).ready(hanging as unknown as typeof bindings)
    expect(response.status).toBe(503)
  })
})

test('a key that no file of the lake can have is one that it has not', async () => {
  for (const key of ['k'.repeat(1025), '%C3%A9'.repeat(600), '%2e%2e%2fevents', '%00', '//']) {
    const response = await get(`/api/lake/${key}`)
    expect([key, response.status]).toEqual([key, 404])
  }
})

test('an export names what it does not know, and exports nothing', async () => {
  await post('/v1/batch', batch('wk_open', [track('m1')]))
  const response = await get('/api/events/export?form=2030-01-01')
  expect(response.status).toBe(400)
  expect(await json(response)).toMatchObject({ code: 'unknown_parameter' })
})

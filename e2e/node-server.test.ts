import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import {
  type Collector,
  exportEvents,
  freePort,
  newFolder,
  type Program,
  removeFolder,
  startCollector,
  startProgram,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

const ORDERS = 400
const USERS = ['u0', 'u1', 'u2', 'u3', 'u4']
let folder: string
const programs: Program[] = []

afterEach(async () => {
  for (const program of programs.splice(0)) {
    if (program.process.exitCode === null) await program.kill().catch(() => undefined)
  }
  removeFolder(folder)
})

/** The example's server, with its queue in the test's folder. */
async function startShop(port: number, endpoint: string): Promise<Program> {
  const shop = startProgram(process.execPath, ['examples/node-server/server.js'], {
    PORT: String(port),
    TRIBUTARY_WRITE_KEY: WRITE_KEY,
    TRIBUTARY_ENDPOINT: endpoint,
    TRIBUTARY_QUEUE: `${folder}/queue`,
  })
  programs.push(shop)
  await shop.waitFor(`listening http://127.0.0.1:${port}`)
  return shop
}

/** A browser as far as the shop knows it: it keeps the cookie of its session. */
function newBrowser(port: number, anonymousId: string) {
  let cookies = `tributary_id_js=${anonymousId}`
  return async (path: string, body: unknown): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { cookie: cookies, 'user-agent': 'Shop Test', 'accept-language': 'de-AT' },
    })
    const session = response.headers.get('set-cookie')?.split(';', 1)[0]
    if (session) cookies += `; ${session}`
    return response.status
  }
}

test('the example server loses and doubles nothing while the collector is restarted under it', async () => {
  folder = newFolder()
  const port = await freePort()
  const shopPort = await freePort()
  let collector: Collector = await startCollector(port, `${folder}/data`)
  programs.push(collector)
  const shop = await startShop(shopPort, collector.url)

  const browsers = USERS.map((user) => newBrowser(shopPort, `browser-of-${user}`))
  expect(await browsers[0]?.('/orders', { total: 1 })).toBe(401)
  expect(await browsers[0]?.('/login', 'nobody')).toBe(400)
  for (const [i, userId] of USERS.entries()) {
    expect(await browsers[i]?.('/login', { userId, email: `${userId}@example.com` })).toBe(201)
  }
  expect(await browsers[0]?.('/orders', { total: 'much' })).toBe(400)

  const orders = (async () => {
    for (let total = 0; total < ORDERS; total++) {
      expect(await browsers[total % USERS.length]?.('/orders', { total })).toBe(201)
      await sleep(20)
    }
  })()
  for (const end of ['stop', 'kill', 'kill'] as const) {
    await sleep(1200)
    await collector[end]()
    await sleep(600)
    collector = await startCollector(port, `${folder}/data`)
    programs.push(collector)
  }
  await orders
  expect(await shop.stop('SIGTERM')).toBe(0)
  expect(shop.output()).not.toContain('wait for the next start')

  const events = await exportEvents(collector.url)
  const logins = events.filter(({ type }) => type === 'identify')
  expect(logins).toHaveLength(USERS.length)
  expect(logins.find(({ userId }) => userId === 'u0')).toMatchObject({
    userId: 'u0',
    anonymousId: 'browser-of-u0',
    traits: { email: 'u0@example.com' },
    context: { ip: '127.0.0.1', userAgent: 'Shop Test', locale: 'de-AT', page: { path: '/login' } },
  })
  const completed = events.filter(({ event }) => event === 'Order Completed')
  const totals = completed.map(({ properties }) => properties.total as number)
  expect([...totals].sort((a, b) => a - b)).toEqual(Array.from({ length: ORDERS }, (_, i) => i))
  for (const user of USERS) {
    const ofUser = completed.filter(({ userId }) => userId === user)
    expect(new Set(ofUser.map(({ anonymousId }) => anonymousId))).toEqual(
      new Set([`browser-of-${user}`]),
    )
    const inOrder = ofUser.map(({ properties }) => properties.total as number)
    expect(inOrder, `order of ${user}`).toEqual([...inOrder].sort((a, b) => a - b))
  }
})

test('what the example server had recorded when it was killed is delivered by its next start', async () => {
  folder = newFolder()
  const port = await freePort()
  const shopPort = await freePort()
  const url = `http://127.0.0.1:${port}`
  const first = await startShop(shopPort, url)
  const browser = newBrowser(shopPort, 'browser-1')
  expect(await browser('/login', { userId: 'u1' })).toBe(201)
  for (let total = 0; total < 50; total++) {
    expect(await browser('/orders', { total })).toBe(201)
  }
  // An answer leaves in the middle of the task that writes the event at its end; who asks again has that behind him.
  expect((await fetch(`http://127.0.0.1:${shopPort}/health`)).status).toBe(200)
  await first.kill()

  const collector = await startCollector(port, `${folder}/data`)
  programs.push(collector)
  const second = await startShop(shopPort, url)
  const events = await waitForEvents(url, 51)
  expect(await second.stop('SIGTERM')).toBe(0)
  expect(events).toHaveLength(51)
  const orders = events.filter(({ event }) => event === 'Order Completed')
  expect(orders.map(({ properties }) => properties.total)).toEqual([...Array(50).keys()])
  expect(orders[49]).toMatchObject({ userId: 'u1', anonymousId: 'browser-1' })
  expect(readdirSync(`${folder}/queue`, { recursive: true }).length).toBeLessThan(10)
})

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
} from './collector.ts'

const ORDERS = 400
const folder = newFolder()
const programs: Program[] = []

afterEach(async () => {
  for (const program of programs) {
    if (program.process.exitCode === null) await program.kill().catch(() => undefined)
  }
  removeFolder(folder)
})

test('the example server loses and doubles nothing while the collector is restarted under it', async () => {
  const port = await freePort()
  const shopPort = await freePort()
  let collector: Collector = await startCollector(port, folder)
  programs.push(collector)
  const shop = startProgram(process.execPath, ['examples/node-server/server.js'], {
    PORT: String(shopPort),
    TRIBUTARY_WRITE_KEY: WRITE_KEY,
    TRIBUTARY_ENDPOINT: collector.url,
  })
  programs.push(shop)
  const shopUrl = `http://127.0.0.1:${shopPort}`
  await shop.waitFor(`listening ${shopUrl}`)

  const post = (path: string, body: unknown) =>
    fetch(`${shopUrl}${path}`, { method: 'POST', body: JSON.stringify(body) })
  expect((await post('/signup', { userId: 'u0', email: 'a@example.com' })).status).toBe(201)
  expect((await post('/orders', { total: 1 })).status).toBe(400)

  const orders = (async () => {
    for (let total = 0; total < ORDERS; total++) {
      const response = await post('/orders', { userId: `u${total % 5}`, total })
      expect(response.status).toBe(201)
      await sleep(20)
    }
  })()
  for (const end of ['stop', 'kill', 'kill'] as const) {
    await sleep(1200)
    await collector[end]()
    await sleep(600)
    collector = await startCollector(port, folder)
    programs.push(collector)
  }
  await orders
  expect(await shop.stop('SIGTERM')).toBe(0)
  expect(shop.output()).not.toContain('not delivered')

  const events = await exportEvents(collector.url)
  expect(events.filter(({ type }) => type === 'identify')).toMatchObject([
    { userId: 'u0', traits: { email: 'a@example.com' } },
  ])
  const completed = events.filter(({ event }) => event === 'Order Completed')
  const totals = completed.map(({ properties }) => properties.total as number)
  expect([...totals].sort((a, b) => a - b)).toEqual(Array.from({ length: ORDERS }, (_, i) => i))
  for (const user of ['u0', 'u1', 'u2', 'u3', 'u4']) {
    const ofUser = completed.filter(({ userId }) => userId === user)
    const inOrder = ofUser.map(({ properties }) => properties.total as number)
    expect(inOrder, `order of ${user}`).toEqual([...inOrder].sort((a, b) => a - b))
  }
})

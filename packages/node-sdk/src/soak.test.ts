import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { createWorld, verdicts } from '../test/world.ts'
import { Tributary } from './client.ts'

/** `npm run soak -- node` has ten million events, and an hour; what is here by default takes seconds. */
const EVENTS = Number(process.env.TRIBUTARY_SOAK_EVENTS ?? 100_000)
const OUTAGE_SECONDS = Number(process.env.TRIBUTARY_OUTAGE_SECONDS ?? 40)
const LONG_MS = 3_600_000
const MIB = 2 ** 20

/** A collector that counts and accepts, and keeps nothing. */
async function startCounter() {
  let events = 0
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const ids = [...body.matchAll(/"messageId":"([^"]+)"/g)].map(([, id]) => id)
      events += ids.length
      const results = ids.map((id) => `"${id}":{"status":"accepted"}`).join(',')
      response.end(`{"success":true,"ok":true,"results":{${results}}}`)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${port}`, events: () => events, stop: () => server.close() }
}

it(`keeps its memory flat over ${EVENTS} events`, { timeout: LONG_MS, retry: 0 }, async () => {
  const counter = await startCounter()
  const entry = new URL('../dist/index.js', import.meta.url).href
  const script = `import { Tributary } from ${JSON.stringify(entry)}
    const client = new Tributary({ writeKey: 'wk', endpoint: ${JSON.stringify(counter.endpoint)} })
    const text = 'x'.repeat(200)
    for (let i = 1; i <= ${EVENTS}; i++) {
      const receipt = client.track({ userId: 'u' + (i % 1000), event: 'e', properties: { i, text } })
      if (i % 1000 === 0) void receipt.delivered
      if (!client.writable) await client.ready()
      if (i % 2000 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (i % ${EVENTS / 10} === 0) {
        await client.flush()
        gc()
        console.log(process.memoryUsage().heapUsed)
      }
    }
    await client.closeAndFlush()
    console.log(JSON.stringify(client.stats()))`
  const args = ['--expose-gc', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    if (EVENTS > 1e6 && lines.length <= 10) process.stdout.write(`${lines.length}0 %: ${line}\n`)
  })
  await once(child, 'exit')
  counter.stop()
  const [stats, ...heaps] = lines.reverse()
  expect(JSON.parse(stats ?? '{}')).toMatchObject({ delivered: EVENTS, pending: 0, dropped: {} })
  expect(counter.events()).toBe(EVENTS)
  const used = heaps.reverse().map(Number)
  expect(used).toHaveLength(10)
  expect(Math.max(...used.slice(2))).toBeLessThan((used[1] ?? 0) + 4 * MIB)
})

it(`stays within its bytes over ${OUTAGE_SECONDS} seconds of outage at 5,000 events a second, and then sends what it has`, {
  timeout: LONG_MS,
  retry: 0,
}, async () => {
  let isUp = false
  let stored = 0
  const world = createWorld(({ batch }) => {
    if (!isUp) throw new Error('down')
    stored += batch.length
    return verdicts(batch)
  })
  const maxQueueBytes = 16 * MIB
  const client = new Tributary(
    { writeKey: 'wk', endpoint: 'http://collector', maxQueueBytes },
    world.platform,
  )
  let most = 0
  for (let second = 0; second < OUTAGE_SECONDS; second++) {
    for (let i = 0; i < 5000; i++) {
      client.track({ userId: `u${i % 100}`, event: 'e', properties: { i, second } })
    }
    await world.pass(1000)
    most = Math.max(most, client.stats().memoryBytes)
  }
  const { pending, dropped } = client.stats()
  expect(most).toBeLessThanOrEqual(maxQueueBytes)
  expect(most).toBeGreaterThan(maxQueueBytes - 1000)
  expect(dropped).toEqual({ queue_full: OUTAGE_SECONDS * 5000 - pending })
  expect(client.writable).toBe(false)
  // It has knocked, and not hammered.
  expect(world.requestCount()).toBeLessThan(30 + OUTAGE_SECONDS / 60)
  isUp = true
  await world.pass(600_000)
  expect(stored).toBe(pending)
  expect(client.stats()).toMatchObject({ pending: 0, memoryBytes: 0, delivered: pending })
  expect(client.writable).toBe(true)
})

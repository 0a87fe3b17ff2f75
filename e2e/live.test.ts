import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import {
  ADMIN_TOKEN,
  type Collector,
  callApi,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

const folder = newFolder()
let collector: Collector

afterEach(async () => {
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

const BATCHES_PER_SECOND = 10
const EVENTS_PER_BATCH = 20
const SECONDS = 5

/** Follows the live stream, noting the id of every event, until it is stopped. */
async function follow(url: string, seen: string[], stop: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/api/events/live`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    signal: stop,
  })
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      const messages = text.split('\n\n')
      text = messages.pop() ?? ''
      for (const message of messages) {
        const [, data] = /^data: (.*)$/m.exec(message) ?? []
        if (data !== undefined) seen.push(JSON.parse(data).messageId)
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

async function journalCalls(url: string): Promise<number> {
  const stats = (await (await callApi(url, '/api/stats')).json()) as {
    operations: { journalCalls: number }
  }
  return stats.operations.journalCalls
}

test('a watcher sees each of 200 events a second once, across drains, and costs nothing once gone', async () => {
  collector = await startCollector(await freePort(), join(folder, 'data'))
  const { url } = collector
  const seen: string[] = []
  const stop = new AbortController()
  const following = follow(url, seen, stop.signal)
  // The stream has begun when an event shows in it.
  for (let probe = 0; seen.length === 0; probe++) {
    await send(url, [`probe-${probe}`])
    await sleep(100)
  }

  const sent: string[] = []
  for (let batch = 0; batch < BATCHES_PER_SECOND * SECONDS; batch++) {
    const nextAt = sleep(1000 / BATCHES_PER_SECOND)
    const ids = Array.from({ length: EVENTS_PER_BATCH }, (_, index) => `m-${batch}-${index}`)
    await send(url, ids)
    sent.push(...ids)
    if (batch % 12 === 7) await callApi(url, '/api/drain', 'POST')
    await nextAt
  }
  const deadline = Date.now() + 20_000
  const own = () => seen.filter((id) => id.startsWith('m-'))
  while (own().length < sent.length && Date.now() < deadline) await sleep(50)
  await sleep(1000)
  expect(own().sort()).toEqual(sent.sort())

  stop.abort()
  await following
  // That the client has gone shows at the next write, a comment. Two seconds of a watcher are six questions to each of
  // four journals; without one, the statistics ask each once.
  const goneBy = Date.now() + 20_000
  let calls = Number.POSITIVE_INFINITY
  while (calls > 8 && Date.now() < goneBy) {
    const before = await journalCalls(url)
    await sleep(2000)
    calls = (await journalCalls(url)) - before
  }
  expect(calls).toBeLessThanOrEqual(8)
})

async function send(url: string, ids: string[]): Promise<void> {
  const batch = ids.map((messageId) => ({
    type: 'track',
    event: 'Watched',
    anonymousId: `person-${messageId}`,
    messageId,
  }))
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const answer = await fetch(`${url}/v1/batch`, { method: 'POST', body })
  expect(answer.status).toBe(200)
}

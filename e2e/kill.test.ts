import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import {
  type Collector,
  callApi,
  exportEvents,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
} from './collector.ts'

/** How often the collector is killed; `npm run campaign` sets more. */
const KILLS = Number(process.env.TRIBUTARY_KILLS ?? 6)

/** Clients that send at the same time. */
const CLIENTS = 8

const folder = newFolder()
let collector: Collector | undefined

afterEach(async () => {
  await collector?.kill().catch(() => undefined)
  removeFolder(folder)
})

interface Batch {
  body: string
  ids: string[]
}

/** A batch of up to 20 events of several people, so that it spans shards. */
function newBatch(): Batch {
  const batch = Array.from({ length: randomInt(1, 21) }, () => ({
    type: 'track',
    event: 'Load Sent',
    anonymousId: `person-${randomInt(50)}`,
    messageId: randomUUID(),
    timestamp: new Date(Date.now() - randomInt(40 * 24 * 3_600_000)).toISOString(),
    properties: { pad: 'x'.repeat(randomInt(500)) },
  }))
  return {
    body: JSON.stringify({ writeKey: WRITE_KEY, verdicts: true, batch }),
    ids: batch.map(({ messageId }) => messageId),
  }
}

test(`acknowledged is stored, once, through ${KILLS} kills of the whole process tree`, {
  timeout: 60_000 + KILLS * 15_000,
}, async () => {
  const port = await freePort()
  collector = await startCollector(port, folder)
  const { url } = collector
  const created = new Set<string>()
  const acknowledged = new Set<string>()
  const sentBatches: Batch[] = []
  let isOver = false
  let isDown = false

  /** Sends a batch once, and notes what the answer acknowledges. */
  async function send({ body }: Batch): Promise<void> {
    const response = await fetch(`${url}/v1/batch`, { method: 'POST', body })
    if (!response.ok) return
    const { results } = (await response.json()) as { results: Record<string, { status: string }> }
    for (const [id, { status }] of Object.entries(results)) {
      if (status === 'accepted' || status === 'duplicate') acknowledged.add(id)
    }
  }

  async function runClient(): Promise<void> {
    while (!isOver) {
      // Now and then an old batch again, as a client does whose answer was lost.
      const isRepeat = sentBatches.length > 0 && randomInt(4) === 0
      const batch = isRepeat ? (sentBatches[randomInt(sentBatches.length)] as Batch) : newBatch()
      if (!isRepeat) {
        sentBatches.push(batch)
        for (const id of batch.ids) created.add(id)
      }
      await send(batch).catch(() => undefined)
      if (isDown) await sleep(20)
    }
  }

  async function runDrains(): Promise<void> {
    while (!isOver) {
      await sleep(randomInt(50, 400))
      await callApi(url, '/api/drain', 'POST').catch(() => undefined)
    }
  }

  const load = [...Array.from({ length: CLIENTS }, runClient), runDrains()]
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(randomInt(300, 2500))
    isDown = true
    await collector.kill()
    collector = await startCollector(port, folder)
    isDown = false
  }
  isOver = true
  await Promise.all(load)

  const stored = (await exportEvents(url)).map(({ messageId }) => messageId as string)
  const storedOnce = new Set(stored)
  expect(acknowledged.size).toBeGreaterThan(KILLS * 50)
  expect(stored.length - storedOnce.size, 'duplicates').toBe(0)
  expect(
    [...acknowledged].filter((id) => !storedOnce.has(id)),
    'lost',
  ).toEqual([])
  expect(
    stored.filter((id) => !created.has(id)),
    'never sent',
  ).toEqual([])

  // A full replay of everything, after all restarts: nothing is counted again, and now all of it is there.
  const replay = sentBatches.values()
  const replayClient = async () => {
    for (const batch of replay) await send(batch)
  }
  await Promise.all(Array.from({ length: CLIENTS }, replayClient))
  const afterReplay = (await exportEvents(url)).map(({ messageId }) => messageId as string)
  expect(afterReplay.length).toBe(created.size)
  expect(new Set(afterReplay)).toEqual(created)
  // biome-ignore lint/suspicious/noConsole: the figures are what a campaign is run for
  console.info(`${KILLS} kills, ${acknowledged.size} acknowledged, 0 lost, 0 duplicates`)
})

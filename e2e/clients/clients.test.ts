import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../browser.ts'
import {
  type Collector,
  exportEvents,
  freePort,
  newFolder,
  ROOT,
  removeFolder,
  startCollector,
} from '../collector.ts'
import { browserClients, type Site, startSite } from './browser-clients.ts'
import {
  type Client,
  type Deliveries,
  type Delivery,
  deliverThrough,
  FAULTS,
  matrixRow,
  matrixTable,
} from './matrix.ts'
import { NODE_CLIENTS } from './node-clients.ts'
import { SHAPED_CLIENTS } from './shaped-clients.ts'

let folder: string
let collector: Collector
let browser: Browser
let site: Site

beforeAll(async () => {
  folder = newFolder()
  collector = await startCollector(await freePort(), folder)
  browser = await launchBrowser()
  site = await startSite()
})

afterAll(async () => {
  site?.close()
  await browser?.close()
  await collector?.kill().catch(() => undefined)
  removeFolder(folder)
})

/** What this run has shown. */
const rows = new Map<string, string>()
const deliveredIds: string[] = []

const BROWSER_CLIENTS = browserClients(
  () => browser.newContext(),
  () => site.url,
)

describe.concurrent('delivers every event once, in no more requests than it takes:', () => {
  test.for([...NODE_CLIENTS])('$name', (client) => showDeliveries(client))
  test.for([...SHAPED_CLIENTS])('$name, as a request shape', (client) => showDeliveries(client))
})

// One after the other: side by side, the pages would wait for the processor and not for the collector.
describe('delivers every event once from a page, in no more requests than it takes:', () => {
  test.for([...BROWSER_CLIENTS])('$name', (client) => showDeliveries(client))
})

async function showDeliveries(client: Client): Promise<void> {
  const list = await Promise.all(
    FAULTS.map((fault) => deliverThrough(fault, client, collector.url)),
  )
  const deliveries = Object.fromEntries(
    FAULTS.map((fault, index) => [fault, list[index]]),
  ) as Deliveries
  rows.set(client.name, matrixRow(client, deliveries))
  deliveredIds.push(...list.flatMap(({ events }) => events.map(({ messageId }) => messageId)))

  const { slow, 'answer-lost': lost } = deliveries
  expect(slow.seen.map(({ answered, status }) => [answered, status])).toEqual(
    Array(client.requests).fill(['passed', 200]),
  )
  client.check?.(slow.events)
  for (const delivery of [slow, lost]) expectAllOnce(client, delivery)
  for (const fault of ['unavailable', 'rate-limited'] as const) {
    const answers = deliveries[fault].seen.map(({ answered }) => answered)
    if (client.neverRetries?.includes(fault)) {
      expect(deliveries[fault].events).toEqual([])
      expect(answers).toEqual(Array(client.requests).fill('refused'))
    } else {
      expect(answers).toContain('refused')
      expectAllOnce(client, deliveries[fault])
    }
  }
  const resent = client.neverRetries?.includes('answer-lost') ? 0 : 1
  expect(lost.seen).toHaveLength(client.requests + resent)
}

function expectAllOnce(client: Client, { events }: Delivery): void {
  expect(events.map(({ type }) => type).sort()).toEqual([...client.types].sort())
  expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(client.types.length)
}

test('the lake has every event of these deliveries and no other', async () => {
  const ids = (await exportEvents(collector.url)).map(({ messageId }) => messageId as string)
  expect(ids.sort()).toEqual([...deliveredIds].sort())
})

test('docs/protocol.md shows what this run has shown', () => {
  const clients = [...NODE_CLIENTS, ...BROWSER_CLIENTS, ...SHAPED_CLIENTS]
  const missing = clients.filter(({ name }) => !rows.has(name))
  expect(missing).toEqual([])
  const table = matrixTable(clients.map(({ name }) => rows.get(name) as string))
  const path = join(ROOT, 'docs/protocol.md')
  const docs = readFileSync(path, 'utf8')
  const shown = docs.match(/<!-- clients:begin[^>]*-->\n([\s\S]*?)\n<!-- clients:end -->/)?.[1]
  if (process.env.UPDATE_DOCS === '1' && shown !== undefined) {
    writeFileSync(
      path,
      docs.replace(shown, () => table),
    )
  } else {
    expect(shown).toBe(table)
  }
})

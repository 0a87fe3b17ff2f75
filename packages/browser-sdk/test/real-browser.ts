import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BatchEnvelope, TributaryEvent } from '@tributary/protocol'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { DeliveryStats } from '../src/delivery.ts'
import type { Tracker } from '../src/tracker-api.ts'

declare global {
  var tributary: Tracker & { push(...calls: unknown[]): number }
  var analytics: Tracker & { debug(on: boolean): unknown }
  var stub: unknown[]
}

/** How the collector of a test answers a batch; `undefined` breaks the connection. */
export type Answer = { status: number; body?: object; headers?: Record<string, string> } | undefined

/** An event as it came over the wire. */
export type SentEvent = TributaryEvent & { messageId: string }

/** A real Chromium, and a server that serves the built bundle and plays the collector at wire level. Anew for each test. */
export interface World {
  context: BrowserContext
  /** Address of the server; any path but the collector's is a page with the script tag. */
  origin: string
  /** The batches that arrived, with those that got no good answer. */
  requests: SentEvent[][]
  preflights: number
  answer(batch: SentEvent[]): Answer
  /** HTML before the script tag. */
  head: string
  /** Opens a page and waits for the tracker. */
  open(address?: string): Promise<Page>
  /** The events that arrived, in order. */
  events(): SentEvent[]
  /** Names of the track events that arrived, and types of the others, in order. */
  names(): string[]
}

/** {@link Tracker.stats} of a page that has made no event. */
export const NO_EVENTS: DeliveryStats = {
  created: 0,
  delivered: 0,
  duplicate: 0,
  rejected: 0,
  dropped: 0,
  pending: 0,
  reasons: {},
  storage: 'indexeddb',
}

/** An answer with the same verdict on every event, `accepted` by default. */
export function accepted(batch: SentEvent[], status = 'accepted'): Answer {
  const results = Object.fromEntries(batch.map(({ messageId }) => [messageId, { status }]))
  return { status: 200, body: { success: true, ok: true, results } }
}

/** Calls `track` for each name at once, and waits until all are in the queue. */
export function track(page: Page, ...events: string[]): Promise<void> {
  return page.evaluate(async (names) => {
    await Promise.all(names.map((name) => tributary.track(name)))
  }, events)
}

/** Adds an optional part to a page that has its tracker, as `data-modules` with other `data-` attributes would. */
export async function addModule(
  page: Page,
  name: string,
  settings: Record<string, string> = {},
): Promise<void> {
  await page.evaluate((given) => Object.assign(tributary, { settings: given }), settings)
  await page.addScriptTag({ url: `${new URL(page.url()).origin}/tributary.${name}.js` })
}

/** The page's own accounts. */
export function stats(page: Page): Promise<DeliveryStats> {
  return page.evaluate(() => tributary.stats())
}

/** The page's own `flush`. */
export function flush(page: Page): Promise<void> {
  return page.evaluate(() => tributary.flush())
}

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Registers the hooks of a test file that starts a {@link World}. Needs the bundle: `npm run bundle`. */
export function useBrowser(): World {
  const world = {
    events: () => world.requests.flat(),
    names: () => world.events().map((event) => (event.type === 'track' ? event.event : event.type)),
    async open(address = world.origin) {
      const page = await world.context.newPage()
      await page.goto(address)
      await page.waitForFunction(() => globalThis.tributary && !Array.isArray(globalThis.tributary))
      return page
    },
  } as World
  const server = createServer((request, response) => void serve(world, request, response))
  let browser: Browser

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    world.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const executablePath = process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium'
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  })
  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    server.close()
  })
  beforeEach(async () => {
    Object.assign(world, { requests: [], preflights: 0, head: '', answer: accepted })
    world.context = await browser.newContext()
  })
  afterEach(() => world.context.close())
  return world
}

async function serve(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.url === '/v1/batch') return collect(world, request, response)
  if (request.url?.startsWith('/tributary.')) {
    response.setHeader('content-type', 'text/javascript')
    response.end(readFileSync(new URL(`../dist${request.url}`, import.meta.url)))
    return
  }
  response.setHeader('content-type', 'text/html')
  response.end(`<!doctype html><title>Shop</title>${world.head}
    <script async src="${world.origin}/tributary.js" data-write-key="wk"></script>`)
}

async function collect(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'OPTIONS') world.preflights++
  let body = ''
  for await (const chunk of request) body += chunk
  const { batch, writeKey, verdicts } = JSON.parse(body) as BatchEnvelope<SentEvent>
  expect({ writeKey, verdicts }).toEqual({ writeKey: 'wk', verdicts: true })
  world.requests.push(batch)
  const answer = world.answer(batch)
  if (!answer) {
    request.socket.destroy()
    return
  }
  response.writeHead(answer.status, { 'access-control-allow-origin': '*', ...answer.headers })
  response.end(JSON.stringify(answer.body))
}

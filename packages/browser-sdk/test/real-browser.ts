import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { BatchEnvelope, TributaryEvent } from '@tributary/protocol'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { CHROMIUM_ARGS, CHROMIUM_PATH } from '../../../scripts/chromium.mjs'
import type { DeliveryStats } from '../src/delivery.ts'
import type { Tracker } from '../src/tracker-api.ts'

declare global {
  var tributary: Tracker & { push(...calls: unknown[]): number }
  var analytics: Tracker & { debug(on: boolean): unknown }
  var stub: unknown[]
}

/** How the collector of a test answers a batch; `undefined` breaks the connection. */
export type Answer =
  | { status: number; body?: object | string; headers?: Record<string, string> }
  | undefined

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
  /** What the requests said beside their events, and with which cookies and encoding they came. */
  envelopes: Envelope[]
  answer(batch: SentEvent[]): Answer
  /** HTML before the script tag. */
  head: string
  /** Attributes of the script tag, {@link DEFAULT_ATTRIBUTES} unless a test says otherwise. */
  attributes: string
  /** Path of the script tag's script. */
  script: string
  /** A script that is not there, by its path. */
  missing: (path: string) => boolean
  /** Resolves when a script may be sent. */
  released: (path: string) => Promise<void> | undefined
  /** Opens a page and waits for the tracker, and its standard part unless that is kept back. */
  open(address?: string): Promise<Page>
  /** The events that arrived, in order. */
  events(): SentEvent[]
  /** Names of the track events that arrived, and types of the others, in order. */
  names(): string[]
}

/** A request without its events. */
interface Envelope extends Omit<BatchEnvelope, 'batch'> {
  cookies: string | undefined
  isGzip: boolean
  contentType: string | undefined
  path: string
  /** Size of the body, as it came. */
  bytes: number
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

/** Names of track events, and types of the others. */
export function namesOf(batch: SentEvent[]): string[] {
  return batch.map((event) => (event.type === 'track' ? event.event : event.type))
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

/** Everything that the page has stored: IndexedDB, localStorage and cookies, a line each. */
export function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const rows = await new Promise<string[]>((resolve) => {
      const request = indexedDB.open('tributary:queue:wk')
      request.onsuccess = () => {
        const db = request.result
        const close = (result: string[]): void => {
          db.close()
          resolve(result)
        }
        if (!db.objectStoreNames.length) return close([])
        const all = db.transaction('events').objectStore('events').getAll()
        all.onsuccess = () => close(all.result)
      }
    })
    return [rows, Object.entries(localStorage), document.cookie].flat(2).join('\n')
  })
}

/** The page's own accounts. */
export function stats(page: Page): Promise<DeliveryStats> {
  return page.evaluate(() => tributary.stats())
}

/** The page's own `flush`. */
export function flush(page: Page): Promise<void> {
  return page.evaluate(() => tributary.flush())
}

const ARGS = [
  ...CHROMIUM_ARGS,
  // Names of sites with subdomains, and one under a public suffix of two labels.
  '--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.co.uk 127.0.0.1',
]

/** A short wait before a request: many tests wait for it. */
export const DEFAULT_ATTRIBUTES = 'data-write-key="wk" data-flush-interval-ms="200"'

/**
 * Registers the hooks of a test file that starts a {@link World}. Needs the bundle: `npm run bundle`.
 *
 * @param hasFetchLater Otherwise without `fetchLater`: what a page leaves would come while the next test counts requests.
 */
export function useBrowser({ hasFetchLater = false } = {}): World {
  const world = {
    events: () => world.requests.flat(),
    names: () => namesOf(world.events()),
    async open(address = world.origin) {
      const page = await world.context.newPage()
      // A part that is kept back keeps the page's `load` back too.
      await page.goto(address, { waitUntil: 'commit' })
      const standard = world.script.replace('.js', '.standard.js')
      const isBare = world.missing(standard) || world.released(standard)
      await page.waitForFunction((isReady) => {
        const { tributary } = globalThis
        return tributary && !Array.isArray(tributary) && (isReady || tributary.stats().reasons)
      }, Boolean(isBare))
      return page
    },
  } as World
  const server = createServer((request, response) => void serve(world, request, response))
  let browser: Browser

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    world.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({
      executablePath: CHROMIUM_PATH,
      args: hasFetchLater ? ARGS : [...ARGS, '--disable-blink-features=FetchLaterAPI'],
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    })
  })
  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    server.close()
  })
  beforeEach(async () => {
    Object.assign(world, {
      requests: [],
      envelopes: [],
      preflights: 0,
      head: '',
      attributes: DEFAULT_ATTRIBUTES,
      script: '/tributary.js',
      missing: () => false,
      released: () => undefined,
      answer: accepted,
    })
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
  const path = request.url ?? '/'
  if (request.method !== 'GET') return collect(world, request, response)
  if (path.split('?')[0]?.endsWith('.js')) return sendScript(world, path, response)
  response.setHeader('content-type', 'text/html')
  response.end(`<!doctype html><title>Shop</title>${world.head}
    <script async src="${world.origin}${world.script}" ${world.attributes}></script>`)
}

/** The built scripts, under the name of the test's script tag. */
async function sendScript(world: World, path: string, response: ServerResponse): Promise<void> {
  await world.released(path)
  if (world.missing(path)) response.writeHead(404)
  else {
    const given = world.script.split(/(?:\.all)?\.js/)[0] as string
    const file = path.replace(given, '/tributary').replace(/\?.*/, '')
    response.setHeader('content-type', 'text/javascript')
    response.write(readFileSync(new URL(`../dist${file}`, import.meta.url)))
  }
  response.end()
}

async function collect(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'OPTIONS') world.preflights++
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isGzip = body[0] === 0x1f
  const { batch, ...envelope } = JSON.parse(
    (isGzip ? gunzipSync(body) : body).toString(),
  ) as BatchEnvelope<SentEvent>
  const { writeKey, verdicts } = envelope
  expect({ writeKey, verdicts }).toEqual({ writeKey: 'wk', verdicts: true })
  world.requests.push(batch)
  world.envelopes.push({
    ...envelope,
    cookies: request.headers.cookie,
    isGzip,
    contentType: request.headers['content-type'],
    path: request.url ?? '',
    bytes: body.length,
  })
  const answer = world.answer(batch)
  if (!answer) {
    request.socket.destroy()
    return
  }
  const { origin = '*' } = request.headers
  response.writeHead(answer.status, {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    ...answer.headers,
  })
  response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
}

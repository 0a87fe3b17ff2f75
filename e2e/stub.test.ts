import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callApi, type Event, WRITE_KEY } from './collector.ts'
import { useVisit } from './visit.ts'

/** The stub as a page has it. */
const STUB = readFileSync(
  createRequire(import.meta.url).resolve('@tributary/browser/tributary.stub.js'),
  'utf8',
)

/** Whether the script loads in the pages that are opened from now on. */
let isLoadable: boolean
const waiting: (() => void)[] = []

/** A site whose pages have the stub. */
function makeSite(folder: string): string {
  const site = join(folder, 'site')
  mkdirSync(site)
  const script = '<script async src="/tributary.js" data-write-key="YOUR_WRITE_KEY"></script>'
  for (const [name, tag] of [
    ['index', script],
    ['next', script],
    ['consent', script.replace('data-', 'data-consent data-')],
  ]) {
    const html = `<!doctype html><title>${name}</title><script>${STUB}</script>${tag}`
    writeFileSync(join(site, `${name}.html`), html)
  }
  return site
}

const visit = useVisit(makeSite)

beforeEach(async () => {
  isLoadable = false
  await visit.browser.route('**/tributary.js', async (route) => {
    if (!isLoadable) await new Promise<void>((resolve) => waiting.push(resolve))
    // A page that waited for the script may be gone.
    await route.continue().catch(() => undefined)
  })
})

/** Lets the script load also in the pages that wait for it. */
function letLoad(): void {
  isLoadable = true
  for (const load of waiting.splice(0)) load()
}

afterEach(letLoad)

/** Opens a page whose script does not come, and makes the calls that text has. */
async function openUnloaded(calls: string, path = '/?utm_campaign=c'): Promise<Page> {
  const page = await visit.browser.newPage()
  await page.goto(`${visit.collector.url}${path}`, { waitUntil: 'commit' })
  await page.waitForFunction('window.tributary')
  await page.evaluate(calls)
  return page
}

/** Lets so much time pass that the next page takes the one that left calls for gone. */
async function passTime(): Promise<void> {
  const page = await visit.browser.newPage()
  await page.goto(`${visit.collector.url}/healthz`)
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith('tributary:stub:')) continue
      localStorage[key.replace(/\d{13}$/, (ms) => `${Number(ms) - 60_000}`)] = localStorage[key]
      localStorage.removeItem(key)
    }
  })
  await page.close()
}

/** Opens the next page, whose script comes, and waits until it has delivered an event of its own. */
async function returnLater(): Promise<Page> {
  isLoadable = true
  const page = await visit.browser.newPage()
  await page.goto(`${visit.collector.url}/next.html`)
  await page.waitForFunction('!Array.isArray(window.tributary)')
  await page.evaluate(`tributary.track('Returned')`)
  await visit.waitForEvents(1, ({ event }) => event === 'Returned')
  await page.evaluate('tributary.flush()')
  return page
}

function names(events: Event[]): string[] {
  return events.map(({ type, event, name }) => event ?? (name ? `${type} ${name}` : type))
}

interface Counts {
  duplicates: number
  quarantined: object
}

async function allCounts(): Promise<Counts> {
  await callApi(visit.collector.url, '/api/drain', 'POST')
  const { sources } = await (await callApi(visit.collector.url, '/api/stats')).json()
  return sources.demo
}

let duplicatesBefore: number

beforeEach(async () => {
  duplicatesBefore = (await allCounts()).duplicates
})

/** What the collector has counted: how many events this test gave it again, and how many it has ever refused. */
async function counts(): Promise<Counts> {
  const { duplicates, quarantined } = await allCounts()
  return { duplicates: duplicates - duplicatesBefore, quarantined }
}

const VIEW = `tributary.page(); tributary.track('Viewed', { n: 1 }); tributary.page('Shop')`

test('who leaves before the tracker has loaded, and never comes back, is counted', async () => {
  const page = await openUnloaded(VIEW)
  const calledAt = Date.now()
  await leave(page)
  const events = await visit.waitForEvents(3)
  expect(names(events)).toEqual(['page', 'Viewed', 'page Shop'])
  expect(events[1]).toMatchObject({
    properties: { n: 1 },
    context: {
      page: {
        url: `${visit.collector.url}/?utm_campaign=c`,
        path: '/',
        search: '?utm_campaign=c',
        title: 'index',
        referrer: '',
      },
      userAgent: expect.stringContaining('Chrome'),
    },
  })
  expect(Math.abs(Date.parse(events[1]?.timestamp) - calledAt)).toBeLessThan(5000)
  expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
  expect(new Set(events.map(({ messageId }) => messageId)).size).toBe(3)
})

test('who comes back after that is the same person, and what was sent is repeated but counted once', async () => {
  await leave(await openUnloaded(VIEW))
  await visit.waitForEvents(3)
  await passTime()
  const page = await returnLater()
  const events = await visit.events()
  expect(names(events).sort()).toEqual(['Returned', 'Viewed', 'page', 'page Shop'])
  expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
  expect(await counts()).toEqual({ duplicates: 3, quarantined: {} })
  expect(await page.evaluate('Object.keys(localStorage).join()')).not.toContain('stub')
})

test('who left while nothing could be sent is counted when they come back, at the time and place of the calls', async () => {
  const page = await openUnloaded(VIEW)
  const calledAt = Date.now()
  await visit.collector.kill()
  await leave(page)
  await visit.collector.restart()
  await passTime()
  await returnLater()
  const events = await visit.waitForEvents(4)
  expect(names(events).sort()).toEqual(['Returned', 'Viewed', 'page', 'page Shop'])
  const viewed = events.find(({ event }) => event === 'Viewed') as Event
  expect(viewed.context.page.title).toBe('index')
  expect(Math.abs(Date.parse(viewed.originalTimestamp) - calledAt)).toBeLessThan(2000)
  expect(await counts()).toEqual({ duplicates: 0, quarantined: {} })
})

test('a page that is hidden before the tracker has loaded, and then goes on, counts each call once', async () => {
  const page = await openUnloaded(VIEW)
  await hide(page)
  await visit.waitForEvents(3)
  await page.evaluate(`
    tributary.track('Still There')
    tributary.on('recorded', () => { window.told = true })
    tributary.identify('u1')`)
  await hide(page)
  letLoad()
  await page.waitForFunction('!Array.isArray(window.tributary)')
  await page.evaluate(`tributary.track('Loaded')`)
  // Hidden again: the stub has nothing more to do.
  await hide(page)
  const events = await visit.waitForEvents(6)
  expect(names(events).sort()).toEqual(
    ['Loaded', 'Still There', 'Viewed', 'identify', 'page', 'page Shop'].sort(),
  )
  expect(events.find(({ event }) => event === 'Loaded')?.userId).toBe('u1')
  expect(new Set(events.map(({ anonymousId }) => anonymousId)).size).toBe(1)
  await page.waitForFunction('window.told')
  expect(await counts()).toEqual({ duplicates: 4, quarantined: {} })
  await returnLater()
  expect(await visit.events()).toHaveLength(7)
})

test('calls that only the tracker can make sense of wait for the next page, in order', async () => {
  const page = await openUnloaded(`
    tributary.page()
    tributary.identify('u1', { plan: 'pro' })
    tributary.track('Known', { n: 1 }, { context: { a: 1 } })
    tributary.group('g1')
    tributary.track({ event: 'Object', properties: { n: 2 } })
    tributary.reset()
    tributary.track('Unknown')`)
  await leave(page)
  expect(names(await visit.waitForEvents(1))).toEqual(['page'])
  await passTime()
  await returnLater()
  const events = await visit.waitForEvents(7)
  const inOrder = events.sort((a, b) => (a.originalTimestamp < b.originalTimestamp ? -1 : 1))
  const known = inOrder.filter(({ userId }) => userId)
  expect(names(known).sort()).toEqual(['Known', 'Object', 'group', 'identify'])
  expect(known.find(({ event }) => event === 'Known')).toMatchObject({
    userId: 'u1',
    properties: { n: 1 },
    context: { a: 1, page: { path: '/', title: 'index' } },
  })
  const [unknown] = events.filter(({ event }) => event === 'Unknown')
  const [viewed] = events.filter(({ type }) => type === 'page')
  expect(known.map(({ anonymousId }) => anonymousId)).toEqual(Array(4).fill(viewed?.anonymousId))
  expect(unknown?.anonymousId).not.toBe(viewed?.anonymousId)
  expect(await counts()).toEqual({ duplicates: 1, quarantined: {} })
})

test('a page that is only hidden keeps its calls to itself, though another tab has the tracker', async () => {
  const page = await openUnloaded(`${VIEW}
    tributary.identify('u1')
    tributary.track('Known')
    tributary.register({ name: 'mark', track(event) { event.properties.marked = true } })`)
  await hide(page)
  await page.evaluate(`tributary.track('Later')`)
  await returnLater()
  expect(names(await visit.events()).sort()).toEqual(
    ['Returned', 'Viewed', 'page', 'page Shop'].sort(),
  )
  letLoad()
  const [later] = await visit.waitForEvents(1, ({ event }) => event === 'Later')
  expect(later?.properties).toEqual({ marked: true })
  await page.evaluate('tributary.flush()')
  expect(names(await visit.events()).sort()).toEqual(
    ['Known', 'Later', 'Returned', 'Viewed', 'identify', 'page', 'page Shop'].sort(),
  )
  expect(await counts()).toEqual({ duplicates: 3, quarantined: {} })
})

test('a tab that is closed without a word, as Chromium closes one whose script is still to come, is counted later', async () => {
  const page = await openUnloaded(`${VIEW}; tributary.identify('u1'); tributary.track('Known')`)
  // Kept at the end of the task; the browser tells the page nothing.
  await page.waitForFunction(`Object.keys(localStorage).join().includes('stub')`)
  await page.close()
  expect(await visit.events()).toEqual([])
  await passTime()
  const next = await returnLater()
  const events = await visit.waitForEvents(6)
  expect(names(events).sort()).toEqual(
    ['Known', 'Returned', 'Viewed', 'identify', 'page', 'page Shop'].sort(),
  )
  expect(events.find(({ event }) => event === 'Known')?.userId).toBe('u1')
  expect(await counts()).toEqual({ duplicates: 0, quarantined: {} })
  expect(await next.evaluate('Object.keys(localStorage).join()')).not.toContain('stub')
})

test('a page whose calls another has made in the meantime makes them again, and each is counted once', async () => {
  const page = await openUnloaded(`${VIEW}; tributary.identify('u1'); tributary.track('Known')`)
  await page.waitForFunction(`Object.keys(localStorage).join().includes('stub')`)
  await passTime()
  await returnLater()
  letLoad()
  await page.waitForFunction('!Array.isArray(window.tributary)')
  await page.evaluate(`tributary.track('Loaded')`)
  await visit.waitForEvents(1, ({ event }) => event === 'Loaded')
  expect(names(await visit.events()).sort()).toEqual(
    ['Known', 'Loaded', 'Returned', 'Viewed', 'identify', 'page', 'page Shop'].sort(),
  )
})

test('what follows a plugin is neither sent nor repeated without it', async () => {
  const page = await openUnloaded(`
    tributary.page()
    tributary.register({ name: 'redact', track: () => null })
    tributary.track('Secret')`)
  await leave(page)
  await passTime()
  await returnLater()
  expect(names(await visit.events()).sort()).toEqual(['Returned', 'page'])
})

test('the stub sends and keeps nothing where consent is asked for', async () => {
  const page = await openUnloaded(VIEW, '/consent.html')
  await hide(page)
  expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).toBe('{}')
  await leave(page)
  await page.waitForTimeout(500)
  expect(await visit.events()).toEqual([])
})

test.for([
  ['in the cookie', `document.cookie = 'x=1'; document.cookie = 'tributary_id_js=a.b-c:1'`],
  [
    'in localStorage',
    `localStorage['tributary:identity:${WRITE_KEY}'] = '{"userId":"u0","anonymousId":"a.b-c:1"}'`,
  ],
])('a visitor whose id is %s keeps it', async ([, know]) => {
  const page = await openUnloaded(`${know}; tributary.page()`)
  await leave(page)
  const [event] = await visit.waitForEvents(1)
  expect(event?.anonymousId).toBe('a.b-c:1')
})

test('a call is what it was, whatever becomes of its arguments, and can be awaited though no tracker comes', async () => {
  const page = await openUnloaded('tributary.page()')
  const outcome = await page.evaluate(`(async () => {
    const properties = { deep: { total: 1 }, at: new Date(0) }
    const receipt = await tributary.track('Bought', properties)
    properties.deep.total = 2
    await tributary.track('Odd', { f() {}, toJSON: 1 }).then(() => 0).catch(() => 0).finally(() => 0)
    return [typeof receipt, (await tributary) === tributary, Array.isArray(tributary)]
  })()`)
  expect(outcome).toEqual(['object', true, true])
  await page.evaluate(`
    document.head.append(Object.assign(document.createElement('link'), { rel: 'canonical', href: '/canonical' }))`)
  letLoad()
  await page.waitForFunction('!Array.isArray(window.tributary)')
  const events = await visit.waitForEvents(3)
  expect(names(events)).toEqual(['page', 'Bought', 'Odd'])
  expect(events[1]?.context.page.path).toBe('/canonical')
  expect(events[1]?.properties).toEqual({ deep: { total: 1 }, at: '1970-01-01T00:00:00.000Z' })
})

/** Leaves for another site, and stays away for as long as a beacon takes. */
async function leave(page: Page): Promise<void> {
  await page.goto('about:blank')
  await page.waitForTimeout(300)
}

/** The page goes out of view. Headless pages never do by themselves. */
async function hide(page: Page): Promise<void> {
  await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`)
}

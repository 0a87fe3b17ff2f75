import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Tributary } from '@tributary/node'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBrowser } from './browser.ts'
import {
  ADMIN_TOKEN,
  type Collector,
  callApi,
  type Event,
  exportEvents,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let folder: string
const collectors: Collector[] = []
const devices: BrowserContext[] = []

beforeEach(() => {
  folder = newFolder()
})

afterEach(async () => {
  for (const device of devices.splice(0)) await device.close()
  for (const collector of collectors.splice(0)) await collector.kill()
  removeFolder(folder)
})

async function start(name: string): Promise<string> {
  const collector = await startCollector(await freePort(), join(folder, name))
  collectors.push(collector)
  return collector.url
}

/** A device with the shop open on it: a browser with a profile of its own, on disk. */
async function openShop(name: string, url: string): Promise<{ device: BrowserContext; tab: Page }> {
  const device = await openBrowser(join(folder, name))
  devices.push(device)
  const tab = await device.newPage()
  await tab.goto(`${url}/`)
  return { device, tab }
}

/** What a person does on a page; `at` is when, where that is not now. */
interface Step {
  identify?: [userId: string, traits: object]
  track?: string
  at?: number
}

/** Does it in the page, by the shop's own tracker; resolves once everything is in the queue on the device. */
function act(tab: Page, steps: Step[]): Promise<void> {
  return tab.evaluate(async (all) => {
    interface Tracker {
      identify(userId: string, traits: object, options: object): Promise<unknown>
      track(event: string, properties: object, options: object): Promise<unknown>
    }
    const { tributary } = window as unknown as { tributary: Tracker }
    for (const { identify, track, at } of all) {
      const options = at === undefined ? {} : { timestamp: new Date(at) }
      if (identify) await tributary.identify(...identify, options)
      if (track) await tributary.track(track, {}, options)
    }
  }, steps)
}

async function deliver(url: string, batch: Event[]): Promise<void> {
  const body = JSON.stringify({ writeKey: WRITE_KEY, batch })
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', body })
  expect(response.status).toBe(200)
}

/** Events as whoever keeps them would deliver them again: twice, the last first, and the copies not side by side. */
async function deliverAgain(url: string, events: Event[]): Promise<void> {
  const backwards = events.map(({ source, receivedAt, ...event }) => event).reverse()
  const half = Math.ceil(backwards.length / 2)
  await deliver(url, [...backwards.slice(half), ...backwards.slice(0, half)])
  await callApi(url, '/api/drain', 'POST')
  await deliver(url, backwards)
  await callApi(url, '/api/drain', 'POST')
}

interface Person {
  profileId: string
  ids: Record<string, string[]>
  traits: Record<string, unknown>
  eventCount: number
}

async function people(url: string): Promise<Person[]> {
  const answer = await callApi(url, '/api/profiles')
  return ((await answer.json()) as { profiles: Person[] }).profiles
}

/** The person's events, oldest first. */
async function timeline(url: string, id: string): Promise<Event[]> {
  const answer = await callApi(url, `/api/profiles/${encodeURIComponent(id)}/events`)
  return ((await answer.json()) as { events: Event[] }).events.reverse()
}

function summary({ type, event, name, anonymousId }: Event, deviceNames: Record<string, string>) {
  const place = anonymousId === undefined ? 'server' : deviceNames[anonymousId]
  return `${place}: ${event ?? `${type} ${name ?? ''}`.trim()}`
}

/** Erases, and waits until that is done everywhere. */
async function erase(url: string, id: string): Promise<Event> {
  const response = await fetch(`${url}/api/privacy/erase`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: JSON.stringify({ id, requestId: 'dsr-1' }),
  })
  let request = (await response.json()) as Event
  for (let tries = 0; request.status !== 'done' && tries < 100; tries++) {
    await sleep(100)
    request = (await (await callApi(url, '/api/privacy/requests/dsr-1')).json()) as Event
  }
  return request
}

/** Two devices that visit, one that signs in, the server, and the other device's past that comes last. */
async function live(url: string, yesterday: number): Promise<Record<string, string>> {
  const laptop = await openShop('laptop', url)
  const phone = await openShop('phone', url)
  await laptop.tab.getByTestId('products').getByRole('link').first().click()
  await waitForEvents(url, 7)
  await callApi(url, '/api/drain', 'POST')
  const visitors = await people(url)
  expect(visitors.map(({ eventCount }) => eventCount).sort()).toEqual([2, 5])

  // The phone loses its network, and what happens on it stays there, also when its tab is closed.
  await phone.device.setOffline(true)
  await act(phone.tab, [
    { track: 'Wished', at: yesterday },
    { identify: ['user-1', { plan: 'trial', city: 'Graz' }], at: yesterday + 1000 },
    { track: 'Invited', at: yesterday + 2000 },
  ])
  await phone.tab.close()
  await act(laptop.tab, [{ identify: ['user-1', { plan: 'free', name: 'Ann' }] }])
  await waitForEvents(url, 8)
  const server = new Tributary({ writeKey: WRITE_KEY, endpoint: url })
  server.identify({ userId: 'user-1', traits: { plan: 'pro' } })
  server.track({ userId: 'user-1', event: 'Invoice Paid', properties: { total: 99 } })
  await server.closeAndFlush()

  // Back again: what the phone has kept goes with its next visit.
  await phone.device.setOffline(false)
  await (await phone.device.newPage()).goto(`${url}/cart.html`)
  const events = await waitForEvents(url, 15)
  expect(events).toHaveLength(15)
  for (const device of devices.splice(0)) await device.close()
  const idOn = (name: string) => events.find(({ event }) => event === name)?.anonymousId
  return { [idOn('Product Viewed')]: 'laptop', [idOn('Wished')]: 'phone' }
}

const LIFE = [
  'phone: Wished',
  'phone: identify',
  'phone: Invited',
  'laptop: page Products',
  'laptop: Product List Viewed',
  'phone: page Products',
  'phone: Product List Viewed',
  'laptop: Product Clicked',
  'laptop: page Product',
  'laptop: Product Viewed',
  'laptop: identify',
  'server: identify',
  'server: Invoice Paid',
  'phone: page Cart',
  'phone: Cart Viewed',
]

test('two devices, a server and a past that comes a day late are one person, however it is delivered; once erased, nobody', async () => {
  const url = await start('data')
  const yesterday = Date.now() - DAY_MS
  const deviceNames = await live(url, yesterday)
  const events = await exportEvents(url)
  await deliverAgain(url, events)

  const [person, ...others] = await people(url)
  expect(others).toEqual([])
  expect(person).toMatchObject({
    ids: { userId: ['user-1'], anonymousId: Object.keys(deviceNames).sort() },
    // The server wrote last. The phone's event of yesterday came after that, and has only what nobody else says.
    traits: { plan: 'pro', name: 'Ann', city: 'Graz' },
    eventCount: 15,
    firstSeen: new Date(yesterday).toISOString(),
  })
  const lived = await timeline(url, 'userId:user-1')
  expect(lived.map((event) => summary(event, deviceNames))).toEqual(LIFE)
  for (const id of Object.keys(deviceNames)) {
    expect(await timeline(url, `anonymousId:${id}`)).toEqual(lived)
  }

  // A collector that has seen nothing of it, and gets everything backwards and twice, comes to the same.
  const elsewhere = await start('elsewhere')
  await deliverAgain(elsewhere, events)
  expect(await people(elsewhere)).toEqual([person])
  const same = await timeline(elsewhere, 'userId:user-1')
  expect(same.map((event) => summary(event, deviceNames))).toEqual(LIFE)

  const erased = await erase(url, 'userId:user-1')
  expect(erased).toMatchObject({ status: 'done', counts: { events: 15 } })
  await deliverAgain(url, events)
  for (const id of [
    'userId:user-1',
    ...Object.keys(deviceNames).map((id) => `anonymousId:${id}`),
  ]) {
    await expect(callApi(url, `/api/profiles/${id}`)).rejects.toThrow(': 404 ')
  }
  expect(await people(url)).toEqual([])
  expect((await exportEvents(url)).filter(({ source }) => source === 'demo')).toEqual([])
})

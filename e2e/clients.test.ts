import { jitsuAnalytics } from '@jitsu/js'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Collector,
  callApi,
  exportEvents,
  freePort,
  newFolder,
  removeFolder,
  startCollector,
  WRITE_KEY,
  waitForEvents,
} from './collector.ts'

let folder: string
let port: number
let collector: Collector

beforeEach(async () => {
  folder = newFolder()
  port = await freePort()
  collector = await startCollector(port, folder)
})

afterEach(async () => {
  await collector.kill().catch(() => undefined)
  removeFolder(folder)
})

test('@segment/analytics-node delivers by changing its host', async () => {
  const analytics = new Analytics({ writeKey: WRITE_KEY, host: collector.url, flushAt: 10 })
  const failures: unknown[] = []
  let requests = 0
  analytics.on('error', (error) => failures.push(error))
  analytics.on('http_request', () => {
    requests += 1
  })
  for (let index = 0; index < 94; index++) {
    analytics.track({ userId: 'u1', event: 'Counted', properties: { index } })
  }
  analytics.identify({ userId: 'u1', traits: { plan: 'pro' } })
  analytics.page({ userId: 'u1', name: 'Home' })
  analytics.screen({ anonymousId: 'a1', name: 'Main' })
  analytics.group({ userId: 'u1', groupId: 'g1', traits: { seats: 3 } })
  analytics.alias({ userId: 'u1', previousId: 'a1' })
  await analytics.closeAndFlush()

  expect(failures).toEqual([])
  expect(requests).toBe(10)
  const events = await exportEvents(collector.url)
  expect(events).toHaveLength(99)
  const counted = events.filter(({ event }) => event === 'Counted')
  expect(counted.map(({ properties }) => properties.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 94 }, (_, index) => index),
  )
  expect(events.find(({ type }) => type === 'group')).toMatchObject({
    groupId: 'g1',
    traits: { seats: 3 },
    context: { library: { name: '@segment/analytics-node' } },
  })
  const { sources } = (await (await callApi(collector.url, '/api/stats')).json()) as {
    sources: Record<string, unknown>
  }
  expect(sources.demo).toEqual({ accepted: 99, duplicates: 0, quarantined: {} })
})

test('@segment/analytics-node delivers everything once after the collector was away', async () => {
  const analytics = new Analytics({ writeKey: WRITE_KEY, host: collector.url, flushInterval: 100 })
  await collector.kill()
  for (let index = 0; index < 40; index++) {
    analytics.track({ anonymousId: 'a1', event: 'While Away', properties: { index } })
  }
  collector = await startCollector(port, folder)
  await analytics.closeAndFlush()
  const events = await exportEvents(collector.url)
  expect(events.map(({ properties }) => properties.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, index) => index),
  )
})

test('@rudderstack/rudder-sdk-node delivers by changing its host', async () => {
  const analytics = new RudderAnalytics(WRITE_KEY, { dataPlaneUrl: collector.url, flushAt: 10 })
  for (let index = 0; index < 25; index++) {
    analytics.track({ userId: 'u1', event: 'Counted', properties: { index } })
  }
  await new Promise<void>((done) => {
    analytics.flush(() => done())
  })
  const events = await waitForEvents(collector.url, 25)
  expect(events.map(({ properties }) => properties.index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 25 }, (_, index) => index),
  )
  expect(events[0]?.originalTimestamp).toBeDefined()
})

test('@jitsu/js delivers by changing its host', async () => {
  const jitsu = jitsuAnalytics({ host: collector.url, writeKey: `${WRITE_KEY}:secret` })
  await jitsu.identify('u1', { email: 'ada@example.com' })
  await jitsu.track('Bought', { total: 9 })
  const events = await waitForEvents(collector.url, 2)
  expect(events.map(({ type }) => type).sort()).toEqual(['identify', 'track'])
  expect(events.find(({ type }) => type === 'track')).toMatchObject({ event: 'Bought' })
})

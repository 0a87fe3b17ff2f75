import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jitsuAnalytics } from '@jitsu/js'
import RudderAnalytics from '@rudderstack/rudder-sdk-node'
import { Analytics } from '@segment/analytics-node'
import { expect } from 'vitest'
import { ROOT, WRITE_KEY } from '../collector.ts'
import type { Client } from './matrix.ts'

/** The version of a package as it is installed. */
export function versionOf(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const segment: Client = {
  name: `\`@segment/analytics-node\` ${versionOf('@segment/analytics-node')}`,
  testedBy: 'package',
  change: '`host`',
  unit: 'batch',
  types: ['alias', 'group', 'identify', 'page', 'screen', ...Array(25).fill('track')],
  requests: 3,
  async deliver(host, userId) {
    const analytics = new Analytics({ writeKey: WRITE_KEY, host, flushAt: 10 })
    for (let index = 0; index < 25; index++) {
      analytics.track({ userId, event: 'Counted', properties: { index } })
    }
    analytics.identify({ userId, traits: { plan: 'pro' } })
    analytics.page({ userId, name: 'Home' })
    analytics.screen({ userId, name: 'Main' })
    analytics.group({ userId, groupId: 'g1', traits: { seats: 3 } })
    analytics.alias({ userId, previousId: 'a1' })
    return async () => {
      await analytics.closeAndFlush({ timeout: 1000 })
    }
  },
  check(events) {
    expect(counted(events)).toEqual(Array.from({ length: 25 }, (_, index) => index))
    expect(events.find(({ type }) => type === 'group')).toMatchObject({
      groupId: 'g1',
      traits: { seats: 3 },
      context: { library: { name: '@segment/analytics-node' } },
    })
  },
}

const rudder: Client = {
  name: `\`@rudderstack/rudder-sdk-node\` ${versionOf('@rudderstack/rudder-sdk-node')}`,
  testedBy: 'package',
  change: '`dataPlaneUrl`',
  unit: 'batch',
  types: Array(21).fill('track'),
  // It sends the first event at once and on its own.
  requests: 3,
  async deliver(dataPlaneUrl, userId) {
    const analytics = new RudderAnalytics(WRITE_KEY, {
      dataPlaneUrl,
      flushAt: 10,
      flushInterval: 200,
      // Its log goes to the console, and its errors are what is provoked here.
      logLevel: 'none',
    })
    for (let index = 0; index < 21; index++) {
      analytics.track({ userId, event: 'Counted', properties: { index } })
    }
    return async () => undefined
  },
  check(events) {
    expect(counted(events)).toEqual(Array.from({ length: 21 }, (_, index) => index))
    expect(events[0]?.originalTimestamp).toBeDefined()
  },
}

const jitsu: Client = {
  name: `\`@jitsu/js\` ${versionOf('@jitsu/js')}, Node`,
  testedBy: 'package',
  change: '`host`',
  unit: 'event',
  types: ['identify', 'track', 'track'],
  requests: 3,
  neverRetries: ['unavailable', 'rate-limited', 'answer-lost'],
  async deliver(host, userId) {
    const analytics = jitsuAnalytics({
      host,
      writeKey: `${WRITE_KEY}:secret`,
      // It tells every refusal on the console, and these are provoked.
      errorPolicy: () => undefined,
    })
    await analytics.identify(userId, { email: 'ada@example.com' })
    await analytics.track('Counted', { index: 0 })
    await analytics.track('Counted', { index: 1 })
    return async () => undefined
  },
  check(events) {
    expect(counted(events)).toEqual([0, 1])
  },
}

function counted(events: Parameters<NonNullable<Client['check']>>[0]): number[] {
  return events
    .filter(({ event }) => event === 'Counted')
    .map(({ properties }) => properties.index as number)
    .sort((a, b) => a - b)
}

/** The published clients for Node, unmodified. */
export const NODE_CLIENTS: readonly Client[] = [segment, rudder, jitsu]

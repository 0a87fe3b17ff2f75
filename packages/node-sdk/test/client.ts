import { afterEach, expect } from 'vitest'
import { nodePlatform } from '../src/adapters/node-platform.ts'
import { Tributary } from '../src/client.ts'
import type { Stats } from '../src/core/ledger.ts'
import type { TributaryOptions } from '../src/options.ts'
import { type Respond, startCollector } from './collector.ts'

/** Shortest pauses that the backoff allows. */
export const platform = { ...nodePlatform, random: () => 0 }
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A client and a collector that answers as told; both end with the test. */
export async function setUp(script: Respond[] = [], options: Partial<TributaryOptions> = {}) {
  const collector = await startCollector(...script)
  cleanups.push(collector.stop)
  const endpoint = collector.endpoint
  const client = new Tributary({ writeKey: 'wk', endpoint, ...options }, platform)
  cleanups.push(() => client.closeAndFlush({ timeout: 1 }))
  const outcomes: string[] = []
  const trackMany = (count: number, from = 0) => {
    for (let i = from; i < from + count; i++) {
      client.track({ userId: 'u', event: `e${i}` }, (error) => {
        outcomes.push(`e${i} ${error ? (error as Error & { code?: string }).code : 'ok'}`)
      })
    }
  }
  const received = () =>
    collector.requests.map(({ body }) => body.batch.map((e) => 'event' in e && e.event))
  return { client, collector, outcomes, trackMany, received }
}

/** `count` names of events, as `trackMany` gives them. */
export function names(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `e${from + i}`)
}

/** Fails unless every event is accounted for. */
export function expectBalanced(stats: Stats): void {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0)
  expect(stats.created).toBe(
    stats.delivered + stats.duplicate + sum(stats.rejected) + sum(stats.dropped) + stats.pending,
  )
}

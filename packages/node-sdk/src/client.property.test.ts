import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWorld, verdicts } from '../test/world.ts'
import { Tributary } from './client.ts'

const ANSWERS = [
  'ok',
  'partial',
  'garbage',
  'lost',
  'down',
  '500',
  '503',
  '429',
  '413',
  '400',
  '401',
  'slow',
] as const
type Answer = (typeof ANSWERS)[number]
const answers = fc.array(fc.constantFrom(...ANSWERS), { maxLength: 30 })
const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('track' as const),
      count: fc.integer({ min: 1, max: 12 }),
      size: fc.constantFrom(10, 3000, 70_000),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ do: fc.constant('flush' as const) }),
  ),
  { minLength: 1, maxLength: 25 },
)

/** A collector that does as scripted, and remembers what it has stored. */
function createCollector(script: readonly Answer[], random: () => number) {
  const stored: string[] = []
  let requests = 0
  const store = (messageId: string) => {
    const kind = random() < 0.5 ? 0 : Math.floor(random() * 4)
    if (kind === 3) return undefined
    if (kind === 1) return { status: 'rejected', code: '__proto__' }
    if (kind === 2) return { status: 'retry' }
    return accept(messageId)
  }
  const accept = (messageId: string) => {
    const known = stored.includes(messageId)
    if (!known) stored.push(messageId)
    return { status: known ? 'duplicate' : 'accepted' }
  }
  return {
    stored,
    async answer({ batch }: { batch: { messageId: string }[] }) {
      const answer = script[requests++] ?? 'ok'
      if (answer === 'down') throw new Error('down')
      if (answer === 'slow') await new Promise(() => {})
      if (answer === 'garbage') return { text: '<html>' }
      const said = verdicts(batch as never, answer === 'partial' ? store : accept)
      if (answer === 'lost') throw new Error('the answer was lost')
      if (answer === 'ok' || answer === 'partial') return said
      const text = JSON.stringify({ success: false, code: 'no_key' })
      return { status: Number(answer), text, retryAfter: answer === '429' ? '7' : null }
    },
  }
}

it('accounts for every event, and tells each outcome once, whatever the collector answers', async () => {
  await fc.assert(
    fc.asyncProperty(answers, steps, fc.nat(), async (script, plan, seed) => {
      const world = createWorld((request) => collector.answer(request), seed)
      const collector = createCollector(script, world.random)
      const client = new Tributary(
        {
          writeKey: 'wk',
          endpoint: 'http://collector',
          flushAt: 5,
          maxInFlight: 3,
          maxQueueBytes: 40_000,
          maxEventAgeMs: 120_000,
        },
        world.platform,
      )
      /** How often each call was told of its outcome. */
      const told = new Map<number, number>()
      const fates: Promise<{ outcome: string }>[] = []
      const delivered: string[] = []
      let calls = 0
      const check = () => {
        const stats = client.stats()
        const sum = (counts: object) => Object.values(counts).reduce<number>((a, b) => a + b, 0)
        expect(stats.created).toBe(calls)
        expect(stats.delivered + stats.duplicate + sum(stats.rejected) + sum(stats.dropped)).toBe(
          stats.created - stats.pending,
        )
        return stats
      }
      for (const step of plan) {
        if (step.do === 'flush') void client.flush({ timeout: 10_000 })
        if (step.do === 'pass') await world.pass(step.ms)
        for (let i = 0; step.do === 'track' && i < step.count; i++) {
          const call = calls++
          const properties = { text: 'x'.repeat(step.size) }
          const userId = `u${Math.floor(world.random() * 4)}`
          const receipt = client.track(
            { userId, event: 'E', properties, messageId: `m${call}` },
            (error) => {
              told.set(call, (told.get(call) ?? 0) + 1)
              if (!error) delivered.push(`m${call}`)
            },
          )
          fates.push(receipt.delivered)
        }
        check()
      }
      await world.pass(300_000)
      const stats = check()
      expect(stats).toMatchObject({ pending: 0, memoryBytes: 0 })
      expect([...told.values()]).toEqual(Array(calls).fill(1))
      expect(delivered).toHaveLength(stats.delivered + stats.duplicate)
      expect(collector.stored).toEqual(expect.arrayContaining(delivered))
      const outcomes = (await Promise.all(fates)).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'delivered')).toHaveLength(stats.delivered)
      expect(world.requestCount()).toBeLessThan(plan.length * 60 + 400)
    }),
    { numRuns: 300 },
  )
}, 60_000)

const outages = fc.array(fc.constantFrom('down' as const, '429' as const, 'ok' as const), {
  maxLength: 10,
})

it("delivers each user's events in order, whatever the outages, the batches and the other users", async () => {
  await fc.assert(
    fc.asyncProperty(outages, steps, fc.nat(), async (script, plan, seed) => {
      const world = createWorld((request) => collector.answer(request), seed)
      const collector = createCollector(script, world.random)
      const client = new Tributary(
        { writeKey: 'wk', endpoint: 'http://collector', flushAt: 3, maxInFlight: 3 },
        world.platform,
      )
      client.on('error', () => {})
      const userOf: string[] = []
      for (const step of plan) {
        if (step.do === 'flush') void client.flush({ timeout: 10_000 })
        if (step.do === 'pass') await world.pass(step.ms)
        for (let i = 0; step.do === 'track' && i < step.count; i++) {
          const userId = `u${Math.floor(world.random() * 4)}`
          client.track({ userId, event: 'E', messageId: String(userOf.length) })
          userOf.push(userId)
        }
      }
      await world.pass(3_600_000)
      expect(collector.stored).toHaveLength(userOf.length)
      for (const user of new Set(userOf)) {
        const ofUser = collector.stored.map(Number).filter((call) => userOf[call] === user)
        expect(ofUser).toEqual(ofUser.toSorted((a, b) => a - b))
      }
    }),
    { numRuns: 200 },
  )
}, 60_000)

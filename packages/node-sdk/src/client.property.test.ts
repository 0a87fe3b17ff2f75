import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Tributary } from './client.ts'
import type { Fetch, Platform } from './platform.ts'

const ANSWERS = ['ok', 'partial', 'garbage', 'lost', 'down', '503', '429', '413', '401'] as const
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

/** A world in which time passes only when told, and each timer and answer comes in its turn. */
function createWorld(script: readonly Answer[], seed: number) {
  let nowMs = 1_700_000_000_000
  let count = 0
  let timers: { atMs: number; run: () => void }[] = []
  let state = seed
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  const stored: string[] = []
  let requests = 0
  const fetch: Fetch = async (_url, init) => {
    const answer = script[requests++] ?? 'ok'
    if (answer === 'down') throw new Error('down')
    const { batch } = JSON.parse(String(init.body)) as { batch: { messageId: string }[] }
    const results: Record<string, unknown> = {}
    for (const { messageId } of ['ok', 'lost', 'partial'].includes(answer) ? batch : []) {
      const kind = answer === 'partial' ? Math.floor(random() * 4) : 0
      if (kind === 3) continue
      const known = stored.includes(messageId)
      results[messageId] =
        kind === 1
          ? { status: 'rejected', code: '__proto__' }
          : kind === 2
            ? { status: 'retry' }
            : { status: known ? 'duplicate' : 'accepted' }
      if (kind === 0 && !known) stored.push(messageId)
    }
    if (answer === 'lost') throw new Error('the answer was lost')
    const status = /^\d+$/.test(answer) ? Number(answer) : 200
    const body = status === 200 ? { success: true, results } : { success: false, code: 'no_key' }
    return {
      status,
      headers: { get: () => (answer === '429' ? '7' : null) },
      text: async () => (answer === 'garbage' ? '<html>' : JSON.stringify(body)),
    }
  }
  const platform: Platform = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    random,
    uuid: () => `id-${count++}`,
    fetch,
    warn() {},
    setTimer(run, delayMs) {
      const timer = { atMs: nowMs + delayMs, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  }
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  async function pass(ms: number): Promise<void> {
    const untilMs = nowMs + ms
    for (;;) {
      await settle()
      const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (!next || next.atMs > untilMs) break
      timers = timers.filter((other) => other !== next)
      nowMs = Math.max(nowMs, next.atMs)
      next.run()
    }
    nowMs = untilMs
  }
  return { platform, stored, pass, settle, requestCount: () => requests }
}

it('accounts for every event, and tells each outcome once, whatever the collector answers', async () => {
  await fc.assert(
    fc.asyncProperty(answers, steps, fc.nat(), async (script, plan, seed) => {
      const world = createWorld(script, seed)
      const client = new Tributary(
        {
          writeKey: 'wk',
          endpoint: 'http://collector',
          flushAt: 5,
          gzip: false,
          maxQueueBytes: 40_000,
          maxEventAgeMs: 120_000,
        },
        world.platform,
      )
      /** How often each call was told of its outcome. */
      const told = new Map<number, number>()
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
          client.track({ userId: 'u', event: 'E', properties, messageId: `m${call}` }, (error) => {
            told.set(call, (told.get(call) ?? 0) + 1)
            if (!error) delivered.push(`m${call}`)
          })
        }
        check()
      }
      await world.pass(200_000)
      const stats = check()
      expect(stats.pending).toBe(0)
      expect([...told.values()]).toEqual(Array(calls).fill(1))
      expect(delivered).toHaveLength(stats.delivered + stats.duplicate)
      expect(world.stored).toEqual(expect.arrayContaining(delivered))
      expect(world.requestCount()).toBeLessThan(plan.length * 60 + 400)
    }),
    { numRuns: 300 },
  )
}, 60_000)

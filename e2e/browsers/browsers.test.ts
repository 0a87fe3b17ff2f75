import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newFolder, removeFolder } from '../collector.ts'
import { createRandom } from '../crash/random.ts'
import { CHROMIUM } from './chromium.ts'
import { DURABILITY } from './durability-scenarios.ts'
import type { Engine } from './engine.ts'
import { FIREFOX } from './firefox.ts'
import { LEAVING } from './leaving-scenarios.ts'
import { NETWORK } from './network-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { createSeats, type Seats } from './seats.ts'
import { STORAGE } from './storage-scenarios.ts'
import { createTally, type Result } from './tally.ts'
import { WEBKIT } from './webkit.ts'
import { type CollectorInUse, createWorld, useCollector } from './world.ts'

/** How often, and which random moments; `npm run browser-faults -- <rounds> <seed>` sets them. */
const ROUNDS = Number(process.env.TRIBUTARY_BROWSER_ROUNDS ?? 1)
const SEED = Number(process.env.TRIBUTARY_BROWSER_SEED ?? 4)

// Scenarios mostly wait; how many browsers run is theirs to say.
vi.setConfig({ maxConcurrency: 100 })

const ENGINES = [FIREFOX, WEBKIT, CHROMIUM]
/** Those that need the collector to themselves come last. */
const SCENARIOS = [...DURABILITY, ...NETWORK, ...STORAGE, ...LEAVING].sort(
  (one, other) => Number(one.alone) - Number(other.alone),
)

const tally = createTally()
const random = createRandom(SEED)

afterAll(() => {
  if (!process.env.TRIBUTARY_BROWSER_ROUNDS) return
  // biome-ignore lint/suspicious/noConsole: the figures are what the long form is run for
  console.info(`seed ${SEED}, ${ROUNDS} rounds\n\n${tally.table()}`)
})

for (let round = 1; round <= ROUNDS; round++) {
  describe(ROUNDS === 1 ? 'every persisted event is stored once' : `round ${round}`, () => {
    const folder = newFolder()
    const seats = new Map<Engine, Seats>(
      ENGINES.map((engine) => [engine, createSeats(engine, folder)]),
    )
    let collector: CollectorInUse

    beforeAll(async () => {
      collector = await useCollector(folder)
    })

    afterAll(async () => {
      await Promise.all([...seats.values()].map((all) => all.close()))
      await collector.kill().catch(() => {})
      removeFolder(folder)
    })

    for (const scenario of SCENARIOS) register(scenario)

    function register(scenario: Scenario): void {
      const { name, engine, alone, missing } = scenario
      const own = random.fork()
      const title = `${engine.name}: ${name}`
      if (missing) {
        test.skip(`${title} (skipped: ${missing})`)
        return
      }
      test(title, { concurrent: !alone, timeout: 300_000 }, () =>
        (seats.get(engine) as Seats).take(async (seat) => {
          const world = await createWorld(seat, collector, own)
          const result: Result = {
            owed: 0,
            lost: [],
            twice: [],
            ranMs: 0,
            settledMs: 0,
            broken: true,
          }
          const begun = Date.now()
          try {
            await scenario.run(world)
            result.ranMs = Date.now() - begun
            Object.assign(result, await world.settled())
            result.settledMs = Date.now() - begun - result.ranMs
            result.broken = false
          } finally {
            result.owed = world.owed.size
            tally.add(title, result)
            await world.end()
          }
          expect(result.owed).toBeGreaterThan(0)
          expect(result).toMatchObject({ lost: [], twice: [] })
        }),
      )
    }
  })
}

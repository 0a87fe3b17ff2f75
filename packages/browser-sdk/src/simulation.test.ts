import { expect, test } from 'vitest'
import { simulate } from '../test/simulation/simulate.ts'

/** How many seeds, and from which on; the first thousands are also what a change of the core is compared by. */
const SEEDS = 2000
/** Beyond it the rest is left for `npm run simulate`: a slow machine must not fail for that. */
const BUDGET_MS = 15_000

test('under any faults, what was recorded is stored once, and nothing is left over', async () => {
  const startedAt = Date.now()
  const failed: string[] = []
  let seed = 0
  for (; seed < SEEDS && Date.now() - startedAt < BUDGET_MS; seed++) {
    const { failures } = await simulate(seed)
    if (failures[0]) failed.push(`npm run simulate -- --seed ${seed} --trace: ${failures[0]}`)
  }
  expect(failed).toEqual([])
  expect(seed).toBeGreaterThan(60)
})

test.each([4655, 7843, 51567])(
  'seed %i, which once found something, does not any more',
  async (found) => {
    expect((await simulate(found)).failures).toEqual([])
  },
)

test('a seed always tells the same story', async () => {
  const [once, again]: string[][] = [[], []]
  await simulate(7, undefined, (line) => once?.push(line))
  await simulate(7, undefined, (line) => again?.push(line))
  expect(once?.length).toBeGreaterThan(10)
  expect(again).toEqual(once)
})

import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { MUTANTS } from './simulate-mutants.mjs'
import { ROOT } from './steps.mjs'

const USAGE = `The simulation of the browser SDK, which tests run for the first seeds:
npm run simulate -- --seed 1234 [--trace] [--shrink]    one run; leave out what it fails without
npm run simulate -- --seeds 100000 [--from 0]           many runs; by default from anywhere
npm run simulate -- --mutants [--seeds 3000]            plants bugs in the core: each must be found`

/** Failing seeds after which there is enough to look at. */
const MAX_FAILED = 50

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string' },
    trace: { type: 'boolean' },
    shrink: { type: 'boolean' },
    mutants: { type: 'boolean' },
  },
})
if (values.mutants) await findMutants(Number(values.seeds ?? 3000))
else if (values.seed) await runOne(Number(values.seed))
else if (values.seeds)
  await runMany(Number(values.from ?? randomInt(2 ** 31)), Number(values.seeds))
else {
  console.error(USAGE)
  process.exitCode = 1
}

/** The simulation, with a bug in the core where one is given. */
async function load(mutant) {
  const plant = {
    name: 'plant',
    transform(code, id) {
      if (!mutant || !id.endsWith(`/browser-sdk/src/${mutant.file}`)) return null
      if (code.split(mutant.from).length !== 2)
        throw new Error(`There is no such text: ${mutant.from}`)
      return code.replace(mutant.from, () => mutant.to)
    },
  }
  const file = join(ROOT, 'packages', 'browser-sdk', 'test', 'simulation', 'simulate.ts')
  const config = { configFile: false, root: ROOT, logLevel: 'error' }
  const { module } = await runnerImport(file, {
    ...config,
    plugins: [{ ...plant, enforce: 'pre' }],
  })
  return module.simulate
}

async function runOne(seed) {
  const simulate = await load()
  const { scenario, failures: found } = await simulate(seed)
  if (values.shrink && found[0]) await shrink(simulate, seed, scenario, kindOf(found[0]))
  if (values.trace) console.log({ ...scenario, steps: scenario.steps.length })
  const { failures } = await simulate(seed, scenario, values.trace ? console.log : undefined)
  for (const failure of failures) console.log(failure)
  console.log(`Seed ${seed}: ${failures.length} failures.`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

/** A failure without its numbers. */
function kindOf(failure) {
  return failure.replace(/\d+/g, '')
}

/** Leaves out every step without which the run still fails in this way. */
async function shrink(simulate, seed, scenario, kind) {
  for (let index = scenario.steps.length - 1; index > 0; index--) {
    const steps = scenario.steps.toSpliced(index, 1)
    const { failures } = await simulate(seed, { ...scenario, steps })
    if (failures.some((failure) => kindOf(failure) === kind)) scenario.steps = steps
  }
}

async function runMany(from, count) {
  const simulate = await load()
  const startedAt = Date.now()
  const sums = { seeds: 0, events: 0, requests: 0, failed: 0 }
  let seed = from
  // The core never rejects: what it throws where nobody waits would end this process without a word of the seed.
  process.on('uncaughtExceptionMonitor', () => console.log(`Seed ${seed} throws:`))
  for (; seed < from + count && sums.failed < MAX_FAILED; seed++) {
    const { failures, events, requests } = await simulate(seed)
    sums.seeds++
    sums.events += events
    sums.requests += requests
    if (failures.length === 0) continue
    sums.failed++
    console.log(`Seed ${seed}: ${failures.slice(0, 3).join('; ')}`)
  }
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  console.log(
    `${sums.seeds} seeds from ${from}, ${sums.events} events, ${sums.requests} requests, ${seconds} s: ${sums.failed} failed.`,
  )
  process.exitCode = sums.failed > 0 ? 1 : 0
}

/** Runs seeds on each mutant until one fails. */
async function findMutants(count) {
  for (const [name, mutant] of Object.entries(MUTANTS)) {
    const simulate = await load(mutant)
    let found
    for (let seed = 0; seed < count && !found; seed++) {
      const { failures } = await simulate(seed)
      if (failures[0]) found = `seed ${seed}: ${failures[0]}`
    }
    console.log(`${found ? 'found' : 'NOT FOUND'}: ${name} (${found ?? `${count} seeds`})`)
    if (!found) process.exitCode = 1
  }
}

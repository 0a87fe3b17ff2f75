import { randomInt } from 'node:crypto'
import { build, install, runTool } from './steps.mjs'

const USAGE = 'Say how many rounds, and which seed to repeat: npm run kill-node -- 200 [seed]'

/** The long form of the tests of the Node SDK's queue on disk: `npm run kill-node -- 200` kills 200 servers. */
const [rounds, seed] = [process.argv[2] ?? 200, process.argv[3] ?? randomInt(2 ** 31)].map(Number)
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed) || seed < 0) {
  console.error(USAGE)
  process.exit(1)
}
install()
build()
const env = {
  ...process.env,
  TRIBUTARY_KILL_ROUNDS: String(rounds),
  TRIBUTARY_KILL_SEED: String(seed),
  TRIBUTARY_KILLS: String(rounds),
  TRIBUTARY_LOG_RUNS: String(rounds * 50),
}
console.error(`seed ${seed}`)
const files = ['packages/node-sdk/src/disk-log', 'e2e/kill-node']
process.exitCode = runTool('vitest', ['run', '--retry=0', ...files], { env }) ? 0 : 1

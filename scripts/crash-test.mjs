import { randomInt } from 'node:crypto'
import { build, install, runTool } from './steps.mjs'

const USAGE = 'Say how many rounds, and which seed to repeat: npm run crash-test -- 200 [seed]'

/** The crash test in its long form: `npm run crash-test -- 200` kills the collector at least 200 times. */
const [rounds, seed] = [process.argv[2] ?? 100, process.argv[3] ?? randomInt(2 ** 31)].map(Number)
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed) || seed < 0) {
  console.error(USAGE)
  process.exit(1)
}
install()
build()
const env = {
  ...process.env,
  TRIBUTARY_CRASH_ROUNDS: String(rounds),
  TRIBUTARY_CRASH_SEED: String(seed),
}
process.exitCode = runTool('vitest', ['run', '--project', 'e2e', 'e2e/crash'], { env }) ? 0 : 1

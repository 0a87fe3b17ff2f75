import { randomInt } from 'node:crypto'
import { findEngines } from './engines.mjs'
import { build, install, runTool } from './steps.mjs'

const USAGE = 'Say how many rounds, and which seed to repeat: npm run browser-faults -- 20 [seed]'

/** The scenarios in real browsers in their long form: each again and again, at other moments, and a table in the end. */
const [rounds, seed] = [process.argv[2] ?? 10, process.argv[3] ?? randomInt(2 ** 31)].map(Number)
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed) || seed < 0) {
  console.error(USAGE)
  process.exit(1)
}
install()
build()
await findEngines()
const env = {
  ...process.env,
  TRIBUTARY_BROWSER_ROUNDS: String(rounds),
  TRIBUTARY_BROWSER_SEED: String(seed),
}
process.exitCode = runTool('vitest', ['run', '--project', 'e2e', 'e2e/browsers'], { env }) ? 0 : 1

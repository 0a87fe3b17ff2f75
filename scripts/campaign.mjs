import { build, install, runTool } from './steps.mjs'

/** The crash campaign in its long form: `npm run campaign -- 200` kills the collector 200 times. */
const kills = Number(process.argv[2] ?? 100)
if (!Number.isInteger(kills) || kills < 1) {
  console.error('Say how often to kill the collector: npm run campaign -- 200')
  process.exit(1)
}
install()
build()
const env = { ...process.env, TRIBUTARY_KILLS: String(kills) }
process.exitCode = runTool('vitest', ['run', '--project', 'e2e', 'e2e/kill.test.ts'], { env })
  ? 0
  : 1

import { readRounds, runLongForm } from './campaign.mjs'

/** The crash test in its long form: `npm run crash-test -- 200` kills the collector at least 200 times. */
const { rounds, seed } = readRounds('crash-test', 100)
runLongForm(
  { TRIBUTARY_CRASH_ROUNDS: String(rounds), TRIBUTARY_CRASH_SEED: String(seed) },
  '--project=e2e',
  'e2e/crash',
)

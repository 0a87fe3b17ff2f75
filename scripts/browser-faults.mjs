import { readRounds, runLongForm } from './campaign.mjs'
import { findEngines } from './engines.mjs'
import { install } from './steps.mjs'

/** The scenarios in real browsers in their long form: each again and again, at other moments, and a table in the end. */
const { rounds, seed } = readRounds('browser-faults', 10)
install()
await findEngines()
runLongForm(
  { TRIBUTARY_BROWSER_ROUNDS: String(rounds), TRIBUTARY_BROWSER_SEED: String(seed) },
  '--project=e2e',
  'e2e/browsers',
)

import { readRounds, runLongForm } from './campaign.mjs'

/** The long form of the tests of the Node SDK's queue on disk: `npm run kill-node -- 200` kills 200 servers. */
const { rounds, seed } = readRounds('kill-node', 200)
console.error(`seed ${seed}`)
runLongForm(
  {
    TRIBUTARY_KILL_ROUNDS: String(rounds),
    TRIBUTARY_KILL_SEED: String(seed),
    TRIBUTARY_KILLS: String(rounds),
    TRIBUTARY_LOG_RUNS: String(rounds * 50),
  },
  '--retry=0',
  'packages/node-sdk/src/disk-log',
  'e2e/kill-node',
)

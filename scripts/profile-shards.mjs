import { readRounds, runLongForm } from './campaign.mjs'

/** Shards of profiles that lose messages, hear some twice, and crash: made-up records, and the scenarios of identity. */
const { rounds, seed } = readRounds('profile-shards', 200)
runLongForm(
  { TRIBUTARY_PROFILE_ROUNDS: String(rounds), TRIBUTARY_PROFILE_SEED: String(seed) },
  '--project=workerd',
  'packages/collector/src/profile-scenarios',
)

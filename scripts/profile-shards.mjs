import { runLongForm } from './campaign.mjs'

/** The scenarios of identity on three shards of profiles that lose messages and crash. */
runLongForm(
  { TRIBUTARY_THREE_SHARDS: '1' },
  '--project=workerd',
  'packages/collector/src/profile-scenarios',
)

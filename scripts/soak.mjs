import { runLongForm } from './campaign.mjs'

const USAGE = 'Say whose: npm run soak -- node [events] [seconds of outage]'

/** The soak in its long form: ten million events through the Node SDK, and an hour of outage in simulated time. */
const [whose, events = '10000000', seconds = '3600'] = process.argv.slice(2)
if (whose !== 'node' || !(Number(events) >= 10 && Number(seconds) >= 40)) {
  console.error(USAGE)
  process.exit(1)
}
runLongForm(
  { TRIBUTARY_SOAK_EVENTS: events, TRIBUTARY_OUTAGE_SECONDS: seconds },
  '--project=node',
  'packages/node-sdk/src/soak.test.ts',
)

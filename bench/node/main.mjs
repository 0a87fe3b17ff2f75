import { readArguments, record, say, show } from '../record.mjs'
import { FAULTS, measureFaults } from './faults.mjs'
import { OWN, PEER_PACKAGES, SDKS } from './peers.mjs'
import { cpuPlot, faultPlot, memoryPlot } from './plots.mjs'
import { faultTable, judgeFaults, judgeSpeed, speedTable, summarise } from './report.mjs'
import { measureSpeed } from './speed.mjs'

/**
 * The Node SDK beside its peers in one run: speed and loss.
 *
 *     npm run bench -- node [--only=speed,faults] [--sdks=tributary,snowplow,…] [--rounds=3] [--events=100000]
 *                           [--at-once=4] [--write]
 *
 * `--rounds`: of the speed, and repetitions of our faults; a peer's are run once. `--at-once`: processes during the faults.
 * `--write` puts tables, plots and raw results into the repository.
 */

/** Slow ones would take most of the time there is: what they do not deliver in this time is given up. */
const CAP_MS = 60_000
/** These take minutes for 100,000 events and are measured on fewer. */
const SLOW = { rudderstack: 0.1, jitsu: 0.1 }
const FAULT_EVENTS = 1000
const MANNERS = { windowed: 'A flush after each 1,000 calls', burst: 'As fast as they can be made' }

const DEFAULTS = { only: 'speed,faults', sdks: '', rounds: '3', events: '100000', 'at-once': '4' }
const { options, isToWrite } = readArguments(process.argv.slice(2), DEFAULTS, SDKS)
const wanted = options.only.split(',')
const sdks = options.sdks ? options.sdks.split(',') : SDKS
const results = {}
const sections = {}
const plots = {}

if (sdks.some((sdk) => !OWN.includes(sdk))) PEER_PACKAGES.install()
if (wanted.includes('speed')) await speed()
if (wanted.includes('faults')) await faults()
if (isToWrite) record('node', { sections, plots, results })

async function speed() {
  const plan = { manners: Object.keys(MANNERS), rounds: Number(options.rounds), capMs: CAP_MS }
  const onRow = (row) =>
    say(`${row.sdk}, ${row.manner}: ${row.delivered} in ${row.wallMs} ms, CPU ${row.cpuS} s`)
  const events = Number(options.events)
  const measure = (names, share, rounds) =>
    measureSpeed({ ...plan, rounds, sdks: names, events: Math.ceil(events * share), onRow })
  results.speed = await measure(
    sdks.filter((sdk) => !(sdk in SLOW)),
    1,
    plan.rounds,
  )
  for (const [sdk, share] of Object.entries(SLOW)) {
    if (sdks.includes(sdk)) results.speed.push(...(await measure([sdk], share, 1)))
  }
  const summaries = plan.manners.map((manner) => summarise(results.speed, manner))
  sections['node-speed'] = Object.values(MANNERS)
    .map((title, index) => {
      const judged = judgeSpeed(summaries[index]).map((sentence) => `- ${sentence}`)
      return `${title}; medians:\n\n${speedTable(summaries[index])}\n\n${judged.join('\n')}`
    })
    .join('\n\n')
  Object.assign(plots, { cpu: cpuPlot(summaries), memory: memoryPlot(summaries[1]) })
  show(sections['node-speed'])
}

async function faults() {
  const plan = {
    faults: Object.keys(FAULTS),
    events: FAULT_EVENTS,
    atOnce: Number(options['at-once']),
  }
  const onRow = ({ sdk, fault, arrived }) => say(`${sdk}, ${fault}: ${arrived}`)
  const own = sdks.filter((sdk) => sdk.startsWith('tributary'))
  const peers = sdks.filter((sdk) => !OWN.includes(sdk))
  const repetitions = Number(options.rounds)
  results.faults = [
    ...(await measureFaults({ ...plan, sdks: own, repetitions, onRow })),
    ...(await measureFaults({ ...plan, sdks: peers, repetitions: 1, onRow })),
  ]
  const judged = judgeFaults(results.faults).map((sentence) => `- ${sentence}`)
  sections['node-faults'] = `${faultTable(results.faults)}\n\n${judged.join('\n')}`
  plots.faults = faultPlot(results.faults)
  show(sections['node-faults'])
}

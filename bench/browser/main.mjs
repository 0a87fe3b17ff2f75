import { readArguments, record, say, show } from '../record.mjs'
import { OWN, SDKS } from './bundle.mjs'
import { measureLoss } from './loss.mjs'
import { SCENARIOS } from './loss-scenarios.mjs'
import { browserVersion } from './page.mjs'
import { PEER_PACKAGES } from './peers.mjs'
import { callPlot, lossPlot, sizePlot, timePlot } from './plots.mjs'
import { profileOurs } from './profile.mjs'
import { judgeLoss, judgeTime, lossTable, sizeTable, summarise, timeTable } from './report.mjs'
import { measureOurs, measurePeers } from './size.mjs'
import { measureTime } from './time.mjs'

/**
 * The browser SDK beside its peers in one run: size, time and loss.
 *
 *     npm run bench -- browser [--only=size,time,loss] [--sdks=tributary,snowplow,…] [--rounds=3] [--throttle=1,4]
 *                              [--at-once=8] [--write]
 *
 * `--rounds`: of the time, and repetitions of our losses; a peer's are run once. `--throttle`: how many times slower the
 * processor is made; where that takes long, with half of the rounds and the faster peers. `--at-once`: browsers during the
 * losses. `--only=profile` says where our own time goes. `--write` puts tables, plots and raw results into the repository.
 */

/** Opt-in settings of a peer are measured when they are asked for by name. */
const VARIANTS = ['segment-batch', 'rudderstack-10k']
/** Without the parts that are out of use here, the larger build of PostHog does what the slim one does, in more time. */
const NOT_TIMED = [...VARIANTS, 'posthog']
const NOT_LOST = [...VARIANTS, 'noop', 'baseline', 'posthog-slim']
/** Slowed down further, these would take most of the time there is, and are far from the best as it is. */
const NOT_SLOWED = [
  ...NOT_TIMED,
  'baseline',
  'rudderstack',
  'posthog-lite',
  'mixpanel',
  'openpanel',
]

const DEFAULTS = {
  only: 'size,time,loss',
  sdks: '',
  rounds: '3',
  throttle: '1,4',
  'at-once': '8',
}
const { options, isToWrite } = readArguments(process.argv.slice(2), DEFAULTS, SDKS)
const wanted = options.only.split(',')
const isWanted = (sdk) => options.sdks.split(',').includes(sdk)
const sdksBut = (left) =>
  options.sdks === '' ? SDKS.filter((sdk) => !left.includes(sdk)) : SDKS.filter(isWanted)

const results = {}
const sections = {}
const plots = {}
const peers = sdksBut([]).filter((sdk) => !OWN.includes(sdk))
if (peers.length > 0) PEER_PACKAGES.install()
if (wanted.includes('size')) await size()
if (wanted.includes('time')) await time()
if (wanted.includes('loss')) await loss()
if (wanted.includes('profile')) show(await profileOurs())
if (isToWrite) {
  record('browser', { sections, plots, results, machine: { browser: await browserVersion() } })
}

async function size() {
  results.size = [...(await measureOurs()), ...(await measurePeers(peers))]
  sections['browser-size'] = sizeTable(results.size)
  plots.size = sizePlot(results.size)
  show(sections['browser-size'])
}

async function time() {
  const throttles = options.throttle.split(',').map(Number)
  const rounds = Number(options.rounds)
  const series = throttles.map((throttle) => ({
    throttle,
    rounds: throttle > 1 ? Math.ceil(rounds / 2) : rounds,
    sdks: sdksBut(throttle > 1 ? NOT_SLOWED : NOT_TIMED),
  }))
  const onRow = ({ sdk, throttle, round, error = '' }) =>
    say(`time, ×${throttle}, round ${round + 1}: ${sdk} ${error}`)
  results.time = await measureTime({ series, onRow })
  const texts = throttles.map((throttle) => {
    const summaries = summarise(results.time, throttle)
    const judged = judgeTime(summaries).map((sentence) => `- ${sentence}`)
    const heading = `${throttle === 1 ? 'The machine as it is' : `A processor ${throttle} times slower`}, rounds: ${summaries[0]?.rounds ?? 0}; medians:`
    return [heading, timeTable(summaries), judged.join('\n')].join('\n\n')
  })
  sections['browser-time'] = texts.join('\n\n')
  const summaries = summarise(results.time, throttles[0])
  Object.assign(plots, { time: timePlot(summaries), call: callPlot(summaries) })
  show(sections['browser-time'])
}

async function loss() {
  const sdks = sdksBut(NOT_LOST).filter((sdk) => sdk !== 'noop')
  const repetitions = (sdk) => (sdk === 'tributary' ? Number(options.rounds) : 1)
  const runs = Object.keys(SCENARIOS).flatMap((scenario) =>
    sdks.flatMap((sdk) => Array(repetitions(sdk)).fill({ sdk, scenario })),
  )
  let done = 0
  const onRow = ({ sdk, scenario, error = '' }) =>
    say(`loss, ${++done} of ${runs.length}: ${sdk}, ${scenario} ${error}`)
  const rows = await measureLoss({ runs, atOnce: Number(options['at-once']), onRow })
  results.loss = rows.sort((a, b) => sdks.indexOf(a.sdk) - sdks.indexOf(b.sdk))
  const judged = judgeLoss(results.loss).map((sentence) => `- ${sentence}`)
  sections['browser-loss'] = `${lossTable(results.loss)}\n\n${judged.join('\n')}`
  plots.loss = lossPlot(results.loss)
  show(sections['browser-loss'])
}

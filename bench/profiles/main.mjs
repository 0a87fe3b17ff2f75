import { readArguments, record, say, show } from '../record.mjs'
import { COMPONENT_SIZES, measureComponent } from './components.mjs'
import { LOADS, measureLoad } from './load.mjs'
import { componentPlot, costPlot, readPlot } from './plots.mjs'
import { componentTable, judge, loadTable } from './report.mjs'

/**
 * What profiles cost, and how fast they are:
 *
 *     npm run bench -- profiles [--rounds=10] [--events=2000] [--people=400] [--write]
 *
 * `--events`: of each round, which is one drained range. `--people`: those who come back. `--write` puts tables, plots and raw
 * results into the repository.
 */
const DEFAULTS = { rounds: '10', events: '2000', people: '400' }
const { options, isToWrite } = readArguments(process.argv.slice(2), DEFAULTS)
const size = Object.fromEntries(Object.entries(options).map(([name, text]) => [name, Number(text)]))

const loads = []
for (const load of LOADS) {
  loads.push(await measureLoad(load, size))
  say(JSON.stringify(loads.at(-1)))
}
const components = COMPONENT_SIZES.map(measureComponent)
const sections = {
  'profiles-load': `${loadTable(loads)}\n\n${judge(loads)
    .map((sentence) => `- ${sentence}`)
    .join('\n')}`,
  'profiles-components': componentTable(components),
}
for (const section of Object.values(sections)) show(section)
if (isToWrite) {
  const plots = {
    cost: costPlot(loads),
    read: readPlot(loads),
    component: componentPlot(components),
  }
  record('profiles', { sections, plots, results: { loads, components } })
}
// Miniflare keeps its side of the runtimes open.
process.exit()

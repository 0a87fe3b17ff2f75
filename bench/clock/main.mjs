import { readFileSync, writeFileSync } from 'node:fs'
import { observe } from '../../packages/collector/dist/core/clock.js'
import { decideTime, observationOf } from '../../packages/collector/dist/core/event-time.js'
import { withSection } from '../markdown.mjs'
import { toMarkdown } from './report.mjs'
import { SIZE, simulate } from './simulation.mjs'

/** Prints how far the time of an event is off under each formula; `--write` puts it into docs/protocol.md. */
const tables = toMarkdown(simulate({ observe, observationOf, decideTime }, SIZE))
process.stdout.write(`${tables}\n`)
if (process.argv.includes('--write')) {
  const file = new URL('../../docs/protocol.md', import.meta.url)
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), 'clock', tables))
}

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { shardKey, shardOf } from '../../packages/collector/dist/core/shard.js'
import * as limits from '../../packages/collector/dist/limits.js'
import { withSection } from '../markdown.mjs'
import { DEFAULTS } from './plan.mjs'
import { toMarkdown } from './report.mjs'

/** Prints what loads need. `--shard-rate` in appends a second, `--zipf`; `--write` puts it into docs/scale.md. */
const { values } = parseArgs({
  options: {
    'shard-rate': { type: 'string', default: String(DEFAULTS.shardRate) },
    zipf: { type: 'string', default: String(DEFAULTS.exponent) },
    write: { type: 'boolean', default: false },
  },
})
const options = { shardRate: Number(values['shard-rate']), exponent: Number(values.zipf) }
const tables = toMarkdown({ shardKey, shardOf, ...limits }, options)
process.stdout.write(`${tables}\n`)
if (values.write) {
  const file = new URL('../../docs/scale.md', import.meta.url)
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), 'scale', tables))
}

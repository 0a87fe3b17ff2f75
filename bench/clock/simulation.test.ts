import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { observe } from '../../packages/collector/src/core/clock.ts'
import { decideTime, observationOf } from '../../packages/collector/src/core/event-time.ts'
import { withSection } from '../markdown.mjs'
import { PEER_FORMULAS } from './formulas.mjs'
import { toMarkdown } from './report.mjs'
import { SIZE, simulate } from './simulation.mjs'

const results = simulate({ observe, observationOf, decideTime }, SIZE)

/** Where a formula that trusts every single request is better, as docs/protocol.md says. */
const BETTER_ELSEWHERE = [
  'off by 1 to 30 s',
  'drifts 1 to 10 s a day',
  'right, then set wrong by 1 to 12 h',
]

const peers = Object.keys(PEER_FORMULAS)

test.for(Object.entries(results))('%s: with memory, at 99 %', ([name, row]) => {
  const ours = row['ours, with memory'].p99
  const best = Math.min(...peers.map((peer) => row[peer].p99))
  // A tenth of a second is within the transit, which nobody can tell from the clock.
  expect(ours <= best + 100).toBe(!BETTER_ELSEWHERE.includes(name))
})

test('the tables in docs/protocol.md are those of the simulation (npm run bench -- clock --write)', () => {
  const document = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  expect(withSection(document, 'clock', toMarkdown(results))).toBe(document)
})

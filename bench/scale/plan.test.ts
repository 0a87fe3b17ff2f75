import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { defineConfig } from '../../packages/collector/src/config.ts'
import { shardKey, shardOf } from '../../packages/collector/src/core/shard.ts'
import * as limits from '../../packages/collector/src/limits.ts'
import { withSection } from '../markdown.mjs'
import { monthlyDollars } from './cost.mjs'
import { fanOut, MAX_SHARDS, routeUsers, sourcesAmong, spreadLoad } from './load.mjs'
import { DEFAULTS, SHARD_COUNTS } from './plan.mjs'
import { toMarkdown } from './report.mjs'

const routes = routeUsers({ shardKey, shardOf })
const usersPerSource = 10_000

test('the most shards is what a configuration may say', () => {
  const sources = [{ id: 'web', writeKeys: ['wk'] }]
  expect(defineConfig({ sources, shards: MAX_SHARDS }).shards).toBe(MAX_SHARDS)
  expect(() => defineConfig({ sources, shards: MAX_SHARDS + 1 })).toThrow('shards')
})

test('a key’s shard follows from its shard of the most', () => {
  for (let user = 0; user < 1000; user++) {
    for (const shards of SHARD_COUNTS) {
      expect(shardOf(`web\n${user}`, shards)).toBe(shardOf(`web\n${user}`, MAX_SHARDS) % shards)
    }
  }
})

test('without skew the shards are about equally busy, and with more of it one is busier', () => {
  const peaks = [0, 0.8, 1, 1.2].map(
    (exponent) => spreadLoad(routes, { exponent, usersPerSource, shards: 64 }).peakToMean,
  )
  expect(peaks[0]).toBeLessThan(1.1)
  expect(peaks).toEqual([...peaks].sort((a, b) => a - b))
})

test('a batch of many persons calls as many shards as chance says', () => {
  const calls = (batch: number) =>
    fanOut(routes, { exponent: 0, usersPerSource, shards: 16, batch })
  expect(calls(1)).toBe(1)
  expect(calls(50) / (16 * (1 - (1 - 1 / 16) ** 50))).toBeCloseTo(1, 1)
})

test('an event is of one source, and very many are of all', () => {
  expect(sourcesAmong(1, 0.8)).toBeCloseTo(1)
  expect(sourcesAmong(1e6, 0.8)).toBeCloseTo(100)
})

test('a million requests cost their rows, calls and puts', () => {
  const MONTH_S = 30 * 86_400
  const dollars = monthlyDollars({
    eventsPerSecond: 10e6 / MONTH_S,
    batch: 10,
    callsPerRequest: 1,
    rowsPerAppend: 1,
    shards: 1,
    drainsPerSecond: 1000 / MONTH_S,
    putsPerDrain: 2,
  })
  expect(dollars.rows).toBeCloseTo(2 + 0.007)
  expect(dollars['lake puts']).toBeCloseTo(2000 * 4.5e-6)
  expect(dollars.Worker).toBeCloseTo(0.3 + 0.02 + 0.01)
  expect(dollars['object calls and time']).toBeCloseTo(0.15 + 0.0003 + 0.016, 3)
})

test('the tables in docs/scale.md are those of the simulation (npm run bench -- scale --write)', () => {
  const document = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8')
  const tables = toMarkdown({ shardKey, shardOf, ...limits }, DEFAULTS)
  expect(withSection(document, 'scale', tables)).toBe(document)
})

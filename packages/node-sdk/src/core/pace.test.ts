import { expect, it } from 'vitest'
import type { Judgement } from './outcome.ts'
import { hurry, nextPace, startPace } from './pace.ts'

const at = { batchSize: 8, flushAt: 8, nowMs: 1000, random: 0.5 }
const failed: Judgement = { settled: [], kept: [], result: 'failed' }
const progress: Judgement = { settled: [], kept: [], result: 'progress' }
const split: Judgement = { settled: [], kept: [], result: 'split' }

it('backs off further with each failure, and starts over after progress', () => {
  const once = nextPace(startPace(8), failed, at)
  const twice = nextPace(once, failed, at)
  expect([once.notBeforeMs, twice.notBeforeMs]).toEqual([1500, 2000])
  expect(nextPace(twice, progress, at)).toEqual(startPace(8))
})

it('takes Retry-After as a minimum', () => {
  expect(nextPace(startPace(8), { ...failed, afterMs: 7000 }, at).notBeforeMs).toBe(8000)
  expect(nextPace(startPace(8), { ...failed, afterMs: 100 }, at).notBeforeMs).toBe(1500)
})

it('halves what was too large, down to one, and grows again by one', () => {
  const halved = nextPace(startPace(8), split, at)
  expect(halved.maxEvents).toBe(4)
  expect(nextPace(halved, split, { ...at, batchSize: 3 }).maxEvents).toBe(2)
  expect(nextPace(halved, progress, at).maxEvents).toBe(5)
  expect(nextPace(startPace(8), progress, at).maxEvents).toBe(8)
})

it('in a hurry, waits only where the collector asked for it', () => {
  expect(hurry(nextPace(startPace(8), failed, at)).notBeforeMs).toBe(1000)
  expect(hurry(nextPace(startPace(8), { ...failed, afterMs: 7000 }, at)).notBeforeMs).toBe(8000)
})

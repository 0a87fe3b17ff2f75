import { describe, expect, it } from 'vitest'
import { entry } from '../../test/entry.ts'
import { advance, type Batch, type Circumstances, startBatch } from './batch.ts'
import type { Judgement } from './outcome.ts'

const at: Circumstances = {
  nowMs: 10_000,
  random: 0.999,
  wasAnswered: true,
  lastProgressMs: 0,
  hasSupposed: false,
}

function batchOf(count: number): Batch {
  const entries = Array.from({ length: count }, (_, order) => entry({ order }))
  return startBatch({ entries, lanes: [1, 2] })
}

function outcome(result: Judgement['result'], batch: Batch, afterMs?: number): Judgement {
  const kept = result === 'progress' ? [] : [...(batch.parts[0] ?? [])]
  return { settled: [], kept, result, ...(afterMs !== undefined && { afterMs }) }
}

function fail(batch: Batch, times: number, circumstances: Partial<Circumstances> = {}) {
  const steps = []
  for (let i = 0; i < times; i++) {
    steps.push(advance(batch, outcome('failed', batch), { ...at, ...circumstances }))
  }
  return steps
}

const sizes = (batch: Batch) => batch.parts.map((part) => part.length)

describe('a batch', () => {
  it('is over with what has its outcome, and goes on with the rest', () => {
    const batch = batchOf(4)
    const kept = batch.parts[0]?.slice(2) ?? []
    advance(batch, { settled: [], kept, result: 'progress' }, at)
    expect(batch.parts).toEqual([kept])
    advance(batch, outcome('progress', batch), at)
    expect(batch.parts).toEqual([])
  })

  it('waits longer with each failure, and is halved from the third', () => {
    const batch = batchOf(8)
    const pauses = fail(batch, 2).map(({ pauseMs }) => pauseMs)
    expect(pauses).toEqual([999, 1998])
    expect(sizes(batch)).toEqual([8])
    expect(fail(batch, 2).map(({ pauseMs }) => pauseMs)).toEqual([1998, 1998])
    expect(sizes(batch)).toEqual([2, 2, 4])
    expect(batch.notBeforeMs).toBe(11_998)
  })

  it('meets the end of an outage soon, where nobody answers: within 16 seconds, or a quarter of it', () => {
    const batch = batchOf(1)
    const unanswered = { wasAnswered: false, hasSupposed: true }
    const short = fail(batch, 11, unanswered).map(({ pauseMs }) => pauseMs ?? 0)
    expect(Math.max(...short)).toBeLessThanOrEqual(16_000)
    expect(short.at(-1)).toBeGreaterThan(15_000)
    const [{ pauseMs: late } = {}] = fail(batch, 1, { ...unanswered, nowMs: at.nowMs + 400_000 })
    expect(late).toBeGreaterThan(90_000)
    expect(late).toBeLessThanOrEqual(100_000)
    const [{ pauseMs: answered } = {}] = fail(batch, 1, { hasSupposed: true })
    expect(answered).toBeGreaterThan(290_000)
  })

  it('is not halved where the collector asks for a pause', () => {
    const batch = batchOf(8)
    const steps = [1, 2, 3, 4].map(() => advance(batch, outcome('failed', batch, 60_000), at))
    expect(steps).toEqual(Array(4).fill({ pauseMs: 60_000 }))
    expect(sizes(batch)).toEqual([8])
  })

  it.each(['too_large', 'refused'] as const)(
    'is halved at once, without a pause, when %s',
    (result) => {
      const batch = batchOf(5)
      expect(advance(batch, outcome(result, batch), at)).toEqual({})
      expect(sizes(batch)).toEqual([3, 2])
      expect(batch.notBeforeMs).toBe(0)
    },
  )
})

describe('an event that fails alone', () => {
  it('is set aside the third time, and the batch goes on without it', () => {
    const batch = batchOf(2)
    advance(batch, outcome('refused', batch), at)
    const [, , last] = fail(batch, 3)
    expect(last?.aside).toMatchObject({ lanes: [], aside: 'supposed', failures: 3 })
    expect(last?.aside?.parts[0]?.[0]?.order).toBe(0)
    expect(sizes(batch)).toEqual([1])
    expect(batch.notBeforeMs).toBeLessThanOrEqual(at.nowMs + 2000)
  })

  it('is proved to be the cause where others have got through since', () => {
    const [, , last] = fail(batchOf(1), 3, { lastProgressMs: 10_001, hasSupposed: true })
    expect(last?.aside?.aside).toBe('proved')
  })

  it('stays in its place while another is only supposed to be the cause', () => {
    const batch = batchOf(1)
    for (const { aside } of fail(batch, 20, { hasSupposed: true })) expect(aside).toBeUndefined()
  })

  it('stays longer where there was no answer at all', () => {
    const steps = fail(batchOf(1), 12, { wasAnswered: false })
    expect(steps.findIndex(({ aside }) => aside)).toBe(11)
  })

  it('asks nobody else for a pause once it is aside', () => {
    const aside = fail(batchOf(1), 3)[2]?.aside as Batch
    expect(fail(aside, 1)).toEqual([{}])
    expect(aside.notBeforeMs).toBe(at.nowMs + 7992)
  })
})

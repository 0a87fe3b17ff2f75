import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addToSeries,
  countLatencies,
  emptySeries,
  LATENCY_BOUNDS_MS,
  latencyAt,
  RANGES,
  type Sums,
} from './series.ts'
import { seriesAnswer } from './series-answer.ts'

const NOW = Date.parse('2026-11-22T12:34:56Z')
const MINUTE = 60_000

test('what is counted is in each range once, in the step of its time', () => {
  const series = emptySeries()
  addToSeries(series, NOW - 3 * MINUTE, { accepted: { web: 2 }, types: { page: 2 } })
  addToSeries(series, NOW, { accepted: { web: 1, app: 5 }, duplicates: 1 })
  const hour = seriesAnswer('hour', NOW, [series.hour])
  expect(hour.times).toHaveLength(60)
  expect(hour.times.at(-1)).toBe(Date.parse('2026-11-22T12:34:00Z'))
  expect(hour.accepted.web?.slice(-4)).toEqual([2, 0, 0, 1])
  expect(hour.accepted.app?.slice(-4)).toEqual([0, 0, 0, 5])
  expect(hour.types.page?.slice(-4)).toEqual([2, 0, 0, 0])
  expect(hour.duplicates.at(-1)).toBe(1)
  for (const range of ['day', 'month'] as const) {
    const { accepted, times, stepMs } = seriesAnswer(range, NOW, [series[range]])
    expect(times).toHaveLength(RANGES[range].steps)
    expect(accepted.web?.reduce((sum, count) => sum + count)).toBe(3)
    expect((times.at(-1) as number) + stepMs).toBeGreaterThan(NOW)
  }
})

test('journals add up, but what waits in each is its own', () => {
  const [a, b] = [emptySeries(), emptySeries()]
  addToSeries(a, NOW, { accepted: { web: 1 }, backlogBytes: 100, created: 3 })
  addToSeries(b, NOW, { accepted: { web: 2 }, backlogBytes: 700 })
  addToSeries(b, NOW, { backlogBytes: 300 })
  const { accepted, backlog, created } = seriesAnswer('hour', NOW, [a.hour, b.hour])
  expect(accepted.web?.at(-1)).toBe(3)
  expect(created.at(-1)).toBe(3)
  expect([backlog['0']?.at(-1), backlog['1']?.at(-1)]).toEqual([100, 700])
})

test('whatever comes, at whatever time, it stays small, and loses nothing that is in a range', () => {
  const atMs = fc.integer({ min: NOW - 40 * 24 * 60 * MINUTE, max: NOW })
  const source = fc.integer({ min: 0, max: 200 }).map((number) => `source-${number}`)
  fc.assert(
    fc.property(fc.array(fc.tuple(atMs, source), { maxLength: 400 }), (events) => {
      const series = emptySeries()
      for (const [time, name] of events) addToSeries(series, time, { accepted: { [name]: 1 } })
      for (const range of ['hour', 'day', 'month'] as const) {
        expect(Object.keys(series[range]).length).toBeLessThanOrEqual(RANGES[range].steps)
        for (const { accepted = {} } of Object.values(series[range])) {
          expect(Object.keys(accepted).length).toBeLessThanOrEqual(21)
        }
        const { times, accepted } = seriesAnswer(range, NOW, [series[range]])
        const counted = Object.values(accepted)
          .flat()
          .reduce((sum, count) => sum + count, 0)
        const inRange = events.filter(([time]) => time >= (times[0] as number))
        expect(counted).toBe(inRange.length)
      }
    }),
    { numRuns: 100 },
  )
})

test('a series that is full fits its row many times over', () => {
  const series = emptySeries()
  const full: Sums = {
    accepted: Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`source-${index}`, 1e6]),
    ),
    types: { track: 1e6, page: 1e6, identify: 1e6, group: 1e6, screen: 1e6, alias: 1e6 },
    rejected: { invalid_event: 1e6, id_conflict: 1e6, plan_violation: 1e6 },
    latency: LATENCY_BOUNDS_MS.map(() => 1e6),
    operations: { requests: 1e6, journalCalls: 1e6, rowsWritten: 1e6, lakePuts: 1e6 },
    duplicates: 1e6,
    created: 1e6,
    received: 1e6,
    backlogBytes: 1e9,
  }
  for (let minute = 0; minute < 60 * 24 * 32; minute += minute < 60 * 24 * 31 ? 15 : 1)
    addToSeries(series, NOW + minute * MINUTE, full)
  expect(JSON.stringify(series).length).toBeLessThan(400_000)
})

test('latencies are told to within their bounds', () => {
  expect(latencyAt(countLatencies([]), 0.5)).toBeNull()
  expect(latencyAt(undefined, 0.5)).toBeNull()
  const counts = countLatencies([...Array(90).fill(8), ...Array(10).fill(400)])
  expect(latencyAt(counts, 0.5)).toBeGreaterThan(5)
  expect(latencyAt(counts, 0.5)).toBeLessThanOrEqual(10)
  expect(latencyAt(counts, 0.95)).toBeGreaterThan(200)
  expect(latencyAt(counts, 0.95)).toBeLessThanOrEqual(500)
  // Beyond the last bound there is no telling how far.
  expect(latencyAt(countLatencies([60_000]), 0.5)).toBe(10_000)
})

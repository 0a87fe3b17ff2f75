import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CLOCK_MEMORY_NUMBERS,
  type ClockMemory,
  correctionOf,
  observe,
  packMemory,
  STEADY_REQUESTS,
  unpackMemory,
} from './clock.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.parse('2026-11-22T10:00:00Z')

/** The memory after requests, each given as what it shows and how long after the first it came. */
function after(
  requests: readonly (readonly [offsetMs: number, afterMs: number])[],
  isSentLate = false,
): ClockMemory {
  let memory: ClockMemory | undefined
  for (const [offsetMs, afterMs] of requests) {
    memory = observe(memory, { offsetMs, atMs: START + afterMs, isSentLate })
  }
  return memory as ClockMemory
}

describe('what is to be added to a device’s time', () => {
  test.for<[string, [number, number][], number]>([
    ['a prompt request: nothing', [[120, 0]], 0],
    ['a clock ahead is sure at once', [[-2 * HOUR, 0]], -2 * HOUR],
    ['a clock a little ahead, too', [[-3 * SECOND, 0]], -3 * SECOND],
    ['noise of synchronised clocks: nothing', [[-400, 0]], 0],
    ['half a minute is transit', [[30 * SECOND, 0]], 0],
    ['more than that, seen once, is the clock', [[2 * HOUR, 0]], 2 * HOUR],
    [
      'a prompt request shows that the one before was slow',
      [
        [2 * HOUR, 0],
        [150, MINUTE],
      ],
      0,
    ],
    [
      'a slow request changes nothing',
      [
        [150, 0],
        [2 * HOUR, 10 * MINUTE],
      ],
      0,
    ],
    [
      'the least counts',
      [
        [HOUR + 900, 0],
        [HOUR + 100, SECOND],
        [HOUR + 5 * SECOND, 2 * SECOND],
      ],
      HOUR + 100,
    ],
    [
      'a clock a little behind is believed when it is always so',
      [
        [5100, 0],
        [5200, MINUTE],
        [5050, 2 * MINUTE],
      ],
      5050,
    ],
    [
      'a clock set back is believed when a second request says so',
      [
        [100, 0],
        [HOUR, DAY],
        [HOUR + 300, DAY + MINUTE],
      ],
      HOUR,
    ],
    [
      'requests that waited for the same network are not',
      [
        [100, 0],
        [HOUR, DAY],
        [HOUR - 5 * SECOND, DAY + 5 * SECOND],
        [HOUR - 9 * SECOND, DAY + 9 * SECOND],
      ],
      0,
    ],
    [
      'nor is one request sent again and again with its first sentAt',
      [
        [100, 0],
        [10 * MINUTE, HOUR],
        [11 * MINUTE, HOUR + MINUTE],
        [13 * MINUTE, HOUR + 3 * MINUTE],
        [17 * MINUTE, HOUR + 7 * MINUTE],
      ],
      0,
    ],
    [
      'a prompt request in between ends the suspicion',
      [
        [100, 0],
        [HOUR, DAY],
        [120, DAY + MINUTE],
        [HOUR, DAY + 2 * MINUTE],
      ],
      0,
    ],
    [
      'a clock that was ahead and is set right is followed at once',
      [
        [-3 * HOUR, 0],
        [-3 * HOUR, MINUTE],
        [200, DAY],
      ],
      0,
    ],
    [
      'a clock that was behind and is set right is followed at once',
      [
        [3 * HOUR, 0],
        [3 * HOUR, MINUTE],
        [200, DAY],
      ],
      0,
    ],
    [
      'a clock ahead is not taken for right by a transit of half a minute',
      [
        [-15 * SECOND, 0],
        [200, MINUTE],
      ],
      -15 * SECOND,
    ],
    [
      'a wrong clock’s slow drift is followed',
      [
        [HOUR, 0],
        [HOUR + 9 * SECOND, DAY],
        [HOUR + 18 * SECOND, 2 * DAY],
      ],
      HOUR + 18 * SECOND,
    ],
  ])('%s', ([, requests, expected]) => {
    expect(correctionOf(after(requests))).toBe(expected)
  })
})

describe('of senders that close their files early', () => {
  test.for<[string, [number, number][], number]>([
    ['a large offset is a late file', [[8 * HOUR, 0]], 0],
    [
      'several, closed at different times, are',
      [
        [8 * HOUR, 0],
        [7 * HOUR, 1],
        [5 * HOUR, 2],
      ],
      0,
    ],
    ['a clock ahead is sure all the same', [[-2 * HOUR, 0]], -2 * HOUR],
    [
      'a clock behind is believed when a second request says so',
      [
        [2 * HOUR, 0],
        [2 * HOUR, 2 * MINUTE],
      ],
      2 * HOUR,
    ],
    [
      'a prompt file shows the clock',
      [
        [8 * HOUR, 0],
        [20 * MINUTE, HOUR],
        [900, 2 * HOUR],
      ],
      0,
    ],
  ])('%s', ([, requests, expected]) => {
    expect(correctionOf(after(requests, true))).toBe(expected)
  })
})

describe('the count of requests that agree', () => {
  test('ends at steady', () => {
    const memory = after(Array.from({ length: 9 }, (_, index) => [100, index * MINUTE] as const))
    expect(memory.agreed).toBe(STEADY_REQUESTS)
  })

  test('counts the events of one request once', () => {
    const memory = after(Array.from({ length: 9 }, () => [100, 0] as const))
    expect(memory.agreed).toBe(1)
  })

  test('allocates nothing for them', () => {
    const memory = after([[100, 0]])
    expect(observe(memory, { offsetMs: 100, atMs: START })).toBe(memory)
  })
})

const anyTime = fc.integer({ min: -8.64e15, max: 8.64e15 })
const anyObservation = fc.record({
  offsetMs: fc.oneof(
    fc.integer({ min: -HOUR, max: DAY }),
    anyTime.map((ms) => 2 * ms),
  ),
  atMs: anyTime,
  isSentLate: fc.boolean(),
})

describe('whatever is observed', () => {
  test('the memory is finite, and packs and unpacks exactly', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { minLength: 1, maxLength: 30 }), (observations) => {
        let memory: ClockMemory | undefined
        for (const observation of observations) memory = observe(memory, observation)
        const packed = new Float64Array(CLOCK_MEMORY_NUMBERS * 2)
        packMemory(memory as ClockMemory, packed, CLOCK_MEMORY_NUMBERS)
        expect(unpackMemory(packed, CLOCK_MEMORY_NUMBERS)).toEqual(memory)
        expect(packed.every(Number.isFinite)).toBe(true)
        expect(Number.isFinite(correctionOf(memory as ClockMemory))).toBe(true)
      }),
    )
  })

  test('the offset is never more than what the last request shows', () => {
    fc.assert(
      fc.property(fc.array(anyObservation, { minLength: 1, maxLength: 30 }), (observations) => {
        let memory: ClockMemory | undefined
        for (const observation of observations) memory = observe(memory, observation)
        const { offsetMs, isSentLate } = observations.at(-1) as (typeof observations)[number]
        // An offset that is only assumed is 0, and is so only while every request showed more.
        expect((memory as ClockMemory).offsetMs).toBeLessThanOrEqual(
          isSentLate ? Math.max(0, offsetMs) : offsetMs,
        )
      }),
    )
  })

  test('a constant skew is found from prompt requests in any order, to within the transit', () => {
    const skew = fc.integer({ min: -1000 * DAY, max: 1000 * DAY })
    const transits = fc.array(fc.integer({ min: 0, max: 5 * SECOND }), {
      minLength: STEADY_REQUESTS,
      maxLength: 12,
    })
    fc.assert(
      fc.property(skew, transits, (skewMs, waits) => {
        const memory = after(waits.map((ms, index) => [skewMs + ms, index * MINUTE] as const))
        const leastMs = Math.min(...waits)
        const isAboutRight = skewMs + leastMs >= -SECOND && skewMs + leastMs <= SECOND
        expect(Math.abs((isAboutRight ? 0 : correctionOf(memory)) - skewMs)).toBeLessThanOrEqual(
          // A wrong clock may drift, by some 10 ms in the minutes that this takes.
          isAboutRight ? 6 * SECOND : leastMs + 100,
        )
      }),
    )
  })
})

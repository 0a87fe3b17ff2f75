import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ClockMemory, observe } from './clock.ts'
import { decideTime, type EventTimes, observationOf, type TimeDecision } from './event-time.ts'

const SECOND = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const RECEIVED = Date.parse('2026-11-22T10:00:00Z')

/** Times relative to the arrival. */
function times(originalMs?: number, sentMs?: number, isSentLate = false): EventTimes {
  return {
    originalMs: originalMs === undefined ? undefined : RECEIVED + originalMs,
    sentMs: sentMs === undefined ? undefined : RECEIVED + sentMs,
    receivedAtMs: RECEIVED,
    isSentLate,
  }
}

/** A decision with its time relative to the arrival. */
function decide(given: EventTimes, memory?: ClockMemory): TimeDecision {
  const decision = decideTime(given, memory)
  return { ...decision, timestampMs: decision.timestampMs - RECEIVED }
}

describe('of one request', () => {
  test.for<[string, EventTimes, TimeDecision]>([
    [
      'without a client’s time it is the arrival',
      times(undefined, -100),
      { timestampMs: 0, method: 'received', confidence: 'low' },
    ],
    [
      'a prompt request’s time stands',
      times(-5 * SECOND, -100),
      { timestampMs: -5 * SECOND, method: 'client', confidence: 'high' },
    ],
    [
      'so does that of one half a minute on its way',
      times(-40 * SECOND, -30 * SECOND),
      { timestampMs: -40 * SECOND, method: 'client', confidence: 'high' },
    ],
    [
      'a clock behind is taken out, with doubts',
      times(-DAY - 5 * SECOND, -DAY),
      { timestampMs: -5 * SECOND, method: 'shifted', confidence: 'low', offsetMs: DAY },
    ],
    [
      'a clock ahead is taken out',
      times(DAY - 5 * SECOND, DAY),
      { timestampMs: -5 * SECOND, method: 'shifted', confidence: 'medium', offsetMs: -DAY },
    ],
    [
      'a file closed hours ago keeps its time',
      times(-3 * HOUR, -2 * HOUR, true),
      { timestampMs: -3 * HOUR, method: 'client', confidence: 'low' },
    ],
    [
      'without sentAt the client’s time stands',
      times(-900 * DAY),
      { timestampMs: -900 * DAY, method: 'client', confidence: 'medium' },
    ],
    [
      'without sentAt a future is the arrival',
      times(HOUR),
      { timestampMs: 0, method: 'clamped', confidence: 'low' },
    ],
    [
      'a call after its sending is a guess',
      times(-10 * SECOND, -20 * SECOND),
      { timestampMs: -10 * SECOND, method: 'client', confidence: 'low' },
    ],
    [
      'and not after the arrival',
      times(DAY, -100),
      { timestampMs: 0, method: 'clamped', confidence: 'low' },
    ],
    [
      'a few milliseconds ahead are noise',
      times(300, 400),
      { timestampMs: 0, method: 'client', confidence: 'high' },
    ],
    [
      'what no calendar holds is the arrival',
      { originalMs: -8.64e15, sentMs: 8.64e15, receivedAtMs: RECEIVED },
      { timestampMs: 0, method: 'clamped', confidence: 'low' },
    ],
  ])('%s', ([, given, expected]) => {
    expect(decide(given)).toEqual(expected)
  })
})

describe('knowing the device', () => {
  const known = (offsetMs: number, agreed: number): ClockMemory => ({
    offsetMs,
    agreed,
    lastAtMs: RECEIVED,
    candidateMs: 0,
    candidateSinceMs: 0,
    candidateAgreed: 0,
  })

  test.for<[string, EventTimes, ClockMemory, TimeDecision]>([
    [
      'a right clock makes a slow request keep its time',
      times(-3 * HOUR, -2 * HOUR),
      known(100, 3),
      { timestampMs: -3 * HOUR, method: 'client', confidence: 'high' },
    ],
    [
      'a wrong clock is taken out of a slow request, the transit is not',
      times(-3 * HOUR - DAY, -2 * HOUR - DAY),
      known(DAY + 120, 2),
      {
        timestampMs: -3 * HOUR + 120,
        method: 'shifted',
        confidence: 'medium',
        offsetMs: DAY + 120,
      },
    ],
    [
      'a steady offset is certain',
      times(-DAY - 5 * SECOND, -DAY),
      known(DAY, 3),
      { timestampMs: -5 * SECOND, method: 'shifted', confidence: 'high', offsetMs: DAY },
    ],
    [
      'history without sentAt is not the device’s',
      times(-900 * DAY),
      known(DAY, 3),
      { timestampMs: -900 * DAY, method: 'client', confidence: 'medium' },
    ],
  ])('%s', ([, given, memory, expected]) => {
    expect(decide(given, memory)).toEqual(expected)
  })
})

const anyTime = fc.integer({ min: -8.64e15, max: 8.64e15 })
const anyTimes = fc.record({
  originalMs: fc.option(anyTime, { nil: undefined }),
  sentMs: fc.option(anyTime, { nil: undefined }),
  receivedAtMs: fc.integer({ min: 0, max: 8.64e15 }),
  isSentLate: fc.boolean(),
})

/** Decides on requests in turn, as a journal does. */
function decideInTurn(requests: readonly EventTimes[]): TimeDecision[] {
  let memory: ClockMemory | undefined
  return requests.map((request) => {
    const observation = observationOf(request)
    if (observation) memory = observe(memory, observation)
    return decideTime(request, memory)
  })
}

describe('whatever comes', () => {
  test('it is a date, not after the arrival, with an offset only where it was moved', () => {
    fc.assert(
      fc.property(fc.array(anyTimes, { maxLength: 20 }), (requests) => {
        const decisions = [...decideInTurn(requests), ...requests.map((given) => decideTime(given))]
        for (const [index, { timestampMs, method, offsetMs }] of decisions.entries()) {
          const { receivedAtMs } = requests[index % requests.length] as EventTimes
          expect(timestampMs).toBeLessThanOrEqual(receivedAtMs)
          expect(new Date(timestampMs).getTime()).toBe(timestampMs)
          expect(offsetMs !== undefined).toBe(method === 'shifted')
        }
      }),
    )
  })

  test('a device with a constant skew keeps the order of its events, and gets their time to within the transit', () => {
    const skew = fc.integer({ min: -1000 * DAY, max: 1000 * DAY })
    const gaps = fc.array(
      fc.record({
        gapMs: fc.integer({ min: 10 * SECOND, max: 2 * DAY }),
        heldMs: fc.integer({ min: 0, max: 9 * SECOND }),
        transitMs: fc.integer({ min: 0, max: 800 }),
      }),
      { minLength: 2, maxLength: 20 },
    )
    fc.assert(
      fc.property(skew, gaps, (skewMs, life) => {
        let nowMs = Date.parse('2026-01-01T00:00:00Z')
        const truth: number[] = []
        const requests = life.map(({ gapMs, heldMs, transitMs }): EventTimes => {
          nowMs += gapMs
          truth.push(nowMs)
          const sentMs = nowMs + heldMs
          return {
            originalMs: nowMs - skewMs,
            sentMs: sentMs - skewMs,
            receivedAtMs: sentMs + transitMs,
          }
        })
        const decided = decideInTurn(requests).map(({ timestampMs }) => timestampMs)
        expect(decided).toEqual([...decided].sort((a, b) => a - b))
        const isSmall = Math.abs(skewMs) <= 31 * SECOND
        for (const [index, timestampMs] of decided.entries()) {
          const error = Math.abs(timestampMs - (truth[index] as number))
          expect(error).toBeLessThanOrEqual(isSmall ? 31 * SECOND : 800)
        }
      }),
    )
  })

  test('requests in another order of arrival end in an equal decision, once the clock is known', () => {
    const skew = fc.integer({ min: -1000 * DAY, max: 1000 * DAY })
    const transits = fc.uniqueArray(fc.integer({ min: 0, max: 5 * SECOND }), {
      minLength: 4,
      maxLength: 10,
    })
    const both = transits.chain((waits) =>
      fc.tuple(fc.constant(waits), fc.shuffledSubarray(waits, { minLength: waits.length })),
    )
    fc.assert(
      fc.property(skew, both, (skewMs, [one, other]) => {
        const last = { originalMs: RECEIVED - HOUR - skewMs, sentMs: RECEIVED - skewMs }
        const [first, second] = [one, other].map((waits) => {
          const requests = waits.map((transitMs, index): EventTimes => {
            const sentMs = RECEIVED - 30_000 + index * 1000
            return { originalMs: 0, sentMs: sentMs - skewMs, receivedAtMs: sentMs + transitMs }
          })
          const end = { ...last, receivedAtMs: RECEIVED + 6 * SECOND }
          return decideInTurn([...requests, end]).at(-1)?.timestampMs as number
        })
        // The clock may have drifted by some thousandths of the seconds between the requests.
        expect(Math.abs((first as number) - (second as number))).toBeLessThanOrEqual(20)
      }),
    )
  })
})

import {
  CLOCK_NOISE_MS,
  type ClockMemory,
  type ClockObservation,
  correctionOf,
  observe,
  STEADY_REQUESTS,
  TRANSIT_MS,
} from './clock.ts'
import { MAX_TIME_MS } from './timestamps.ts'

/** The times of an event as they came, milliseconds since 1970. */
export interface EventTimes {
  /** When it happened, by the client's clock; `undefined` where it did not say, or not readably. */
  originalMs: number | undefined
  /** When it was sent, by the client's clock. */
  sentMs: number | undefined
  /** First byte of the request, by the collector's clock. */
  receivedAtMs: number
  /** Whether `sentMs` was written before the sending (`late-senders.ts`). */
  isSentLate?: boolean
}

/**
 * - `client`: the client's own time.
 * - `shifted`: the client's time, moved by what its clock is off.
 * - `clamped`: the arrival, since the client's time, moved or not, is after it.
 * - `received`: the arrival, since there is no client's time.
 */
type TimeMethod = 'client' | 'shifted' | 'clamped' | 'received'

/**
 * `high`: clock and arrival agree, or several requests do. `medium`: one thing speaks for it, nothing against.
 * `low`: a guess, or only a bound.
 */
type TimeConfidence = 'high' | 'medium' | 'low'

/** When an event happened, and how that is known. */
export interface TimeDecision {
  /** Milliseconds since 1970; never later than the arrival. */
  timestampMs: number
  method: TimeMethod
  confidence: TimeConfidence
  /** With `shifted`: whole milliseconds added to the client's time. */
  offsetMs?: number
}

/** What an event's times show of the device's clock; nothing without `sentMs`. */
export function observationOf(times: EventTimes): ClockObservation | undefined {
  const { sentMs, receivedAtMs: atMs, isSentLate = false } = times
  return sentMs === undefined ? undefined : { offsetMs: atMs - sentMs, atMs, isSentLate }
}

/**
 * When an event happened.
 *
 * Without `sentMs` the client's own time stands, also where the device's clock is known to be wrong: that is how
 * history is imported, and whoever sends it is not the device.
 *
 * @param memory What is known of the device's clock, this request included ({@link observe}); `undefined` where
 *   there is nothing but this request.
 */
export function decideTime(times: EventTimes, memory?: ClockMemory): TimeDecision {
  const { originalMs, sentMs, receivedAtMs } = times
  if (originalMs === undefined) {
    return { timestampMs: receivedAtMs, method: 'received', confidence: 'low' }
  }
  const observation = observationOf(times)
  if (observation === undefined) return placed(originalMs, 0, 'medium', receivedAtMs)
  const clock = memory ?? observe(undefined, observation)
  const offsetMs = Math.round(correctionOf(clock))
  // The clock was set between the call and the sending; which of the two it was right at is not to be told.
  const isOutOfOrder = originalMs > (sentMs as number) + CLOCK_NOISE_MS
  const confidence = isOutOfOrder ? 'low' : confidenceIn(clock, offsetMs, observation.offsetMs)
  return placed(originalMs, offsetMs, confidence, receivedAtMs)
}

function confidenceIn(clock: ClockMemory, offsetMs: number, shownMs: number): TimeConfidence {
  if (clock.agreed >= STEADY_REQUESTS) return 'high'
  // The request itself shows a clock that is right.
  if (offsetMs === 0 && shownMs <= TRANSIT_MS) return 'high'
  // A clock ahead is proven by a single request; by how much, up to the transit.
  return clock.agreed > 1 || offsetMs < 0 ? 'medium' : 'low'
}

/** The client's time with the offset added, unless that is after the arrival or in no calendar. */
function placed(
  originalMs: number,
  offsetMs: number,
  confidence: TimeConfidence,
  receivedAtMs: number,
): TimeDecision {
  const shiftedMs = originalMs + offsetMs
  const isPossible = Math.abs(shiftedMs) <= MAX_TIME_MS
  if (!isPossible || shiftedMs > receivedAtMs + CLOCK_NOISE_MS) {
    return { timestampMs: receivedAtMs, method: 'clamped', confidence: 'low' }
  }
  const timestampMs = Math.min(shiftedMs, receivedAtMs)
  if (offsetMs === 0) return { timestampMs, method: 'client', confidence }
  return { timestampMs, method: 'shifted', confidence, offsetMs }
}

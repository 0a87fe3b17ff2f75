import { backoffMs } from '@tributary/protocol'
import type { Judgement } from './outcome.ts'

/** When the next request may leave, and how large it may be. Times are milliseconds on the monotonic clock. */
export interface Pace {
  /** Attempts that have failed in a row. */
  failures: number
  notBeforeMs: number
  /** The part of `notBeforeMs` that the collector asked for. */
  serverNotBeforeMs: number
  /** Most events in the next batch. */
  maxEvents: number
}

/** The pace of a client that has sent nothing yet. */
export function startPace(flushAt: number): Pace {
  return { failures: 0, notBeforeMs: 0, serverNotBeforeMs: 0, maxEvents: flushAt }
}

/**
 * The pace after an answer. A batch that was too large halves the next ones; each success then
 * adds one event again (TCP's additive increase), so that one huge event does not slow the client
 * for good and a small limit on the way is not run into at every second request.
 *
 * @param batchSize Events in the request that was answered.
 * @param random A number from 0 up to 1.
 */
export function nextPace(
  pace: Pace,
  judgement: Judgement,
  at: { batchSize: number; flushAt: number; nowMs: number; random: number },
): Pace {
  if (judgement.result === 'split') return { ...pace, maxEvents: Math.ceil(at.batchSize / 2) }
  if (judgement.result === 'progress') {
    return { ...startPace(at.flushAt), maxEvents: Math.min(pace.maxEvents + 1, at.flushAt) }
  }
  const failures = pace.failures + 1
  const serverMs = judgement.afterMs ?? 0
  return {
    failures,
    notBeforeMs: at.nowMs + Math.max(backoffMs(failures, at.random), serverMs),
    serverNotBeforeMs: at.nowMs + serverMs,
    maxEvents: pace.maxEvents,
  }
}

/** The pace of a client that is closing: the time left is short, so it tries at once, and waits only where the collector asked for it. */
export function hurry(pace: Pace): Pace {
  return { ...pace, failures: 0, notBeforeMs: pace.serverNotBeforeMs }
}

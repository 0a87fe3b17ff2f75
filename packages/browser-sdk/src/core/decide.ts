import type { AnswerClass } from '@tributary/protocol'
import type { Outcome } from './ending.ts'
import { type Entry, messageIdOf } from './entry.ts'

/** The end of one event. */
export interface Settlement {
  key: string
  outcome: Outcome
  /** The collector's code, or our own reason, where there is one. */
  reason?: string | undefined
}

/** What an answer means for the batch that it answers. */
export interface Decision {
  /** Events that have ended. The others stay in the queue. */
  settled: Settlement[]
  /** `none`: no event got an outcome, so that the next request must wait. `split`: send fewer at once. */
  progress: 'all' | 'some' | 'none' | 'split'
  /** The least time to wait, in milliseconds; 0 where the collector asked for none. */
  waitMs: number
}

/** Reads the end of each event out of an answer. A 2xx that acknowledges nothing is no progress: a portal's login page is a 200 too. */
export function decide(batch: readonly Entry[], answer: AnswerClass): Decision {
  if (answer.kind === 'retry') {
    return { settled: [], progress: 'none', waitMs: answer.afterMs ?? 0 }
  }
  if (answer.kind === 'split' && batch.length > 1) {
    return { settled: [], progress: 'split', waitMs: 0 }
  }
  const settled = batch.flatMap(({ key }) => settle(key, answer) ?? [])
  const progress = settled.length === batch.length ? 'all' : settled.length > 0 ? 'some' : 'none'
  return { settled, progress, waitMs: 0 }
}

function settle(
  key: string,
  answer: Exclude<AnswerClass, { kind: 'retry' }>,
): Settlement | undefined {
  if (answer.kind === 'split') return { key, outcome: 'dropped', reason: 'too_large' }
  if (answer.kind === 'drop') return { key, outcome: 'dropped', reason: answer.reason }
  const { status = 'retry', code } = answer.verdicts.get(messageIdOf(key)) ?? {}
  if (status === 'retry') return undefined
  return { key, outcome: status === 'accepted' ? 'delivered' : status, reason: code }
}

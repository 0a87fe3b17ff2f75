import type { AnswerClass } from '@tributary/protocol'
import type { Ending } from './ending.ts'
import { type Entry, messageIdOf } from './entry.ts'

/** The end of one event in the queue. */
export interface Settlement extends Ending {
  key: string
}

/** How far an answer brings a batch. `none`: no event got an outcome, so that the next request must wait. `split`: send fewer at once. */
export type Progress = 'all' | 'some' | 'none' | 'split'

/**
 * Reads the end of each event out of an answer; the others stay in the queue. A 2xx that acknowledges nothing is no
 * progress: a portal's login page is a 200 too.
 */
export function decide(
  batch: readonly Entry[],
  answer: AnswerClass,
): { settled: Settlement[]; progress: Progress } {
  // One event can be what makes a whole request unreadable: it must not take the others with it.
  const isSuspect =
    answer.kind === 'split' || (answer as { reason?: string }).reason === 'invalid_json'
  if (batch[1] && isSuspect) return { settled: [], progress: 'split' }
  const settled = batch.flatMap(({ key }) => endOf(key, answer) ?? [])
  const progress = settled.length === batch.length ? 'all' : settled[0] ? 'some' : 'none'
  return { settled, progress }
}

function endOf(key: string, answer: AnswerClass): Settlement | undefined {
  if (answer.kind === 'split') return { key, outcome: 'dropped', reason: 'too_large' }
  if (answer.kind === 'drop') {
    return { key, outcome: 'dropped', reason: 'refused', code: answer.reason }
  }
  if (answer.kind === 'retry') return undefined
  const { status = 'retry', code } = answer.verdicts.get(messageIdOf({ key })) ?? {}
  if (status === 'retry') return undefined
  return { key, outcome: status === 'accepted' ? 'delivered' : status, code }
}

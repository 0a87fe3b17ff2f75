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
  const { kind } = answer
  const isRefused = kind === 'drop'
  // One event can be what makes a whole request unreadable: it must not take the others with it.
  if (batch[1] && (kind === 'split' || (isRefused && answer.reason === 'invalid_json'))) {
    return { settled: [], progress: 'split' }
  }
  const settled: Settlement[] = []
  for (const { key } of batch) {
    if (kind === 'split') settled.push({ key, outcome: 'dropped', reason: 'too_large' })
    if (isRefused) settled.push({ key, outcome: 'dropped', reason: 'refused', code: answer.reason })
    if (kind === 'delivered') {
      const { status, code } = answer.verdicts.get(messageIdOf(key)) ?? {}
      if (status === 'accepted') settled.push({ key, outcome: 'delivered' })
      else if (status && status !== 'retry') settled.push({ key, outcome: status, code })
    }
  }
  return {
    settled,
    progress: settled.length === batch.length ? 'all' : settled[0] ? 'some' : 'none',
  }
}

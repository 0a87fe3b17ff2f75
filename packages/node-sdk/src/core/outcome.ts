import type { AnswerClass, Verdict } from '@tributary/protocol'
import type { Entry } from './queue.ts'

/** Reasons of the SDK's own for dropping an event. */
export type LocalDropReason =
  | 'queue_full'
  | 'event_too_large'
  | 'not_serialisable'
  | 'expired'
  | 'closed'

/** The final fate of an event. A drop's `reason` is a {@link LocalDropReason} or the collector's code for the whole request. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'duplicate' }
  | { kind: 'rejected'; code: string; message?: string }
  | { kind: 'dropped'; reason: string }

/** An entry and its outcome. */
export interface Settled {
  entry: Entry
  outcome: Outcome
}

/** What an answer means for the batch it answers. */
export interface Judgement {
  settled: Settled[]
  /** Entries without an outcome, in order: they are sent again. */
  kept: Entry[]
  /** `failed` asks for a pause, `split` for smaller batches, `progress` for neither. */
  result: 'progress' | 'failed' | 'split'
  /** Least time to wait, where the collector named one; milliseconds. */
  afterMs?: number
}

/** Judges each event of a batch by the answer to it. A 2xx that acknowledges nothing is a failure, or it would be asked again at once, for ever. */
export function judge(batch: readonly Entry[], answer: AnswerClass): Judgement {
  switch (answer.kind) {
    case 'delivered':
      return judgeVerdicts(batch, answer.verdicts)
    case 'retry': {
      const judgement: Judgement = { settled: [], kept: [...batch], result: 'failed' }
      if (answer.afterMs !== undefined) judgement.afterMs = answer.afterMs
      return judgement
    }
    case 'split':
      return batch.length > 1
        ? { settled: [], kept: [...batch], result: 'split' }
        : dropAll(batch, 'event_too_large')
    case 'drop':
      return dropAll(batch, answer.reason)
  }
}

function judgeVerdicts(batch: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>): Judgement {
  const settled: Settled[] = []
  const kept: Entry[] = []
  for (const entry of batch) {
    const outcome = outcomeOf(verdicts.get(entry.messageId))
    if (outcome) settled.push({ entry, outcome })
    else kept.push(entry)
  }
  return { settled, kept, result: settled.length > 0 ? 'progress' : 'failed' }
}

function outcomeOf(verdict: Verdict | undefined): Outcome | undefined {
  if (!verdict || verdict.status === 'retry') return undefined
  if (verdict.status === 'accepted') return { kind: 'delivered' }
  if (verdict.status === 'duplicate') return { kind: 'duplicate' }
  const outcome: Outcome = { kind: 'rejected', code: verdict.code ?? 'rejected' }
  if (verdict.message !== undefined) outcome.message = verdict.message
  return outcome
}

function dropAll(batch: readonly Entry[], reason: string): Judgement {
  return {
    settled: batch.map((entry) => ({ entry, outcome: { kind: 'dropped', reason } })),
    kept: [],
    result: 'progress',
  }
}

import { classifyAnswer, type HttpAnswer, type Verdict } from '@tributary/protocol'
import type { Entry } from './lanes.ts'

/** Reasons of the SDK's own for dropping an event. */
export type LocalDropReason =
  /** Memory has no room for it, and there is no disk queue, or it refused too. */
  | 'queue_full'
  /** More than the 64 KiB that the collector takes. */
  | 'event_too_large'
  /** It cannot be written as JSON. */
  | 'not_serialisable'
  /** It could not be sent in `maxEventAgeMs`. */
  | 'expired'
  /** It was on disk only, and the disk has lost it. */
  | 'disk_lost'
  /** The call came after `closeAndFlush`. */
  | 'closed'
  /** The client was made with `disable`. */
  | 'disabled'
  /** A plugin or `beforeSend` did not let it pass. */
  | 'hook'
  /** A plugin or `beforeSend` that may redact has failed at it. */
  | 'hook_failed'

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

/** What an answer means for the events it answers. */
export interface Judgement {
  settled: Settled[]
  /** Entries without an outcome, in order: they are sent again. */
  kept: Entry[]
  /**
   * - `progress`: go on.
   * - `failed`: pause, then try again.
   * - `too_large`: try again with half, and make smaller requests.
   * - `refused`: one of them is to blame; try again with half.
   */
  result: 'progress' | 'failed' | 'too_large' | 'refused'
  /** Least time to wait, where the collector named one; milliseconds. */
  afterMs?: number
}

/**
 * Judges each event of a request by the answer to it. A 2xx that acknowledges nothing is a failure,
 * or it would be asked again at once, for ever.
 *
 * @param nowMs Wall clock, for a `Retry-After` that is a date.
 */
export function judge(sent: readonly Entry[], answer: HttpAnswer, nowMs: number): Judgement {
  if (answer.status >= 200 && answer.status < 300) return judgeVerdicts(sent, answer.body)
  const kind = classifyAnswer(answer, nowMs)
  if (kind.kind === 'split') {
    return sent.length > 1 ? keepAll(sent, 'too_large') : dropAll(sent, 'event_too_large')
  }
  if (kind.kind === 'drop') {
    // 401 to 403 are about the key, and so about every event; a 400 may be about one of many.
    const isOfOne = answer.status === 400 && sent.length > 1
    return isOfOne ? keepAll(sent, 'refused') : dropAll(sent, kind.reason)
  }
  const judgement = keepAll(sent, 'failed')
  if (kind.kind === 'retry' && kind.afterMs !== undefined) judgement.afterMs = kind.afterMs
  return judgement
}

function judgeVerdicts(sent: readonly Entry[], body: unknown): Judgement {
  const results = resultsOf(body)
  const settled: Settled[] = []
  const kept: Entry[] = []
  for (const entry of sent) {
    // Not `results[id]` alone: an id may be the name of something that every object has.
    const verdict = Object.hasOwn(results, entry.messageId) ? results[entry.messageId] : undefined
    const outcome = outcomeOf(verdict)
    if (outcome) settled.push({ entry, outcome })
    else kept.push(entry)
  }
  return { settled, kept, result: settled.length > 0 ? 'progress' : 'failed' }
}

function resultsOf(body: unknown): Record<string, Partial<Verdict> | null> {
  const results = (body as { results?: unknown } | null | undefined)?.results
  return typeof results === 'object' && results !== null
    ? (results as Record<string, Partial<Verdict> | null>)
    : {}
}

const DELIVERED: Outcome = { kind: 'delivered' }

function outcomeOf(verdict: Partial<Verdict> | null | undefined): Outcome | undefined {
  switch (verdict?.status) {
    case 'accepted':
      return DELIVERED
    case 'duplicate':
      return { kind: 'duplicate' }
    case 'rejected': {
      const outcome: Outcome = { kind: 'rejected', code: verdict.code ?? 'rejected' }
      if (verdict.message !== undefined) outcome.message = verdict.message
      return outcome
    }
    default:
      return undefined
  }
}

function keepAll(sent: readonly Entry[], result: Judgement['result']): Judgement {
  return { settled: [], kept: [...sent], result }
}

function dropAll(sent: readonly Entry[], reason: string): Judgement {
  return {
    settled: sent.map((entry) => ({ entry, outcome: { kind: 'dropped', reason } })),
    kept: [],
    result: 'progress',
  }
}

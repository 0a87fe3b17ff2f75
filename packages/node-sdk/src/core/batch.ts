import { backoffMs } from '@tributary/protocol'
import type { Entry, Taken } from './lanes.ts'
import type { Judgement } from './outcome.ts'

/** Failures in a row after which a batch is halved: one or two may pass by themselves. */
const SUSPECT_AFTER = 2
/** Failures in a row after which an event that is alone may be taken for their cause. */
const ALONE_AFTER = 3
/** The same where there was no answer at all, which is seldom an event's fault. */
const ALONE_UNANSWERED_AFTER = 12
/** While a batch is halved the pauses do not grow: to find one event among a thousand takes ten requests. */
const MAX_HALVED_STEPS = 2
/** Longest pause while nobody answers, for a short outage; and as a share of a long one, whose end is met late by as much at most. */
const UNANSWERED_PAUSE_MS = 16_000
const UNANSWERED_SHARE = 1 / 4

/** Events that have left the lanes together and hold these until all have their outcome. */
export interface Batch {
  readonly lanes: readonly number[]
  /** What is left of it; each part is one request, sent in this order. None is empty. */
  parts: Entry[][]
  /** While it is under way. Times here are milliseconds on the monotonic clock. */
  request: { answerByMs: number } | undefined
  notBeforeMs: number
  /** Since the last that went well. */
  failures: number
  /** When the first of these failures came. */
  failingSinceMs: number
  /**
   * One event that fails alone and holds nothing. It is `proved` to be the cause once something else has
   * got through; until then the collector may simply be down.
   */
  aside: 'no' | 'supposed' | 'proved'
}

/** What the sender is to do after a batch has been answered. */
export interface BatchStep {
  /** An event that goes on by itself. */
  aside?: Batch
  /** The failure may be everybody's: the pause is for all. */
  pauseMs?: number
}

/** A batch of what was taken. */
export function startBatch({ entries, lanes }: Taken): Batch {
  return {
    lanes,
    parts: [entries],
    request: undefined,
    notBeforeMs: 0,
    failures: 0,
    failingSinceMs: 0,
    aside: 'no',
  }
}

/** What {@link advance} needs to know beside the answer. */
export interface Circumstances {
  nowMs: number
  /** From 0 up to 1. */
  random: number
  /** There was an answer, of whatever kind. */
  wasAnswered: boolean
  /** When anything last went well. */
  lastProgressMs: number
  /** Another event has been set aside and is only supposed to be the cause. */
  hasSupposed: boolean
}

/**
 * Takes a batch on by the answer to its first part. What fails again and again is halved until the
 * event that causes it is alone; that one is set aside, so that it holds up nobody, and is tried again
 * with pauses of its own. So as not to take an outage for the fault of an event, and lose the order of its
 * user, only one at a time is set aside on suspicion.
 */
export function advance(batch: Batch, judgement: Judgement, at: Circumstances): BatchStep {
  const [sent = []] = batch.parts
  if (judgement.result === 'progress') {
    batch.parts = [judgement.kept, ...batch.parts.slice(1)].filter((part) => part.length > 0)
    batch.failures = 0
    batch.notBeforeMs = 0
    return {}
  }
  if (judgement.result !== 'failed') {
    halveFirst(batch)
    return {}
  }
  if (batch.failures === 0) batch.failingSinceMs = at.nowMs
  batch.failures++
  const isAsked = judgement.afterMs !== undefined
  if (batch.aside === 'no' && !isAsked && maySetAside(batch, sent, at)) {
    batch.parts = batch.parts.slice(1)
    const aside = setAside(sent, batch, at)
    batch.failures = 0
    return { aside }
  }
  const isHalved = sent.length > 1 && !isAsked && batch.failures > SUSPECT_AFTER
  if (isHalved) halveFirst(batch)
  const pauseMs = Math.max(ownPauseMs(batch, isHalved, at), judgement.afterMs ?? 0)
  batch.notBeforeMs = at.nowMs + pauseMs
  return batch.aside === 'no' || isAsked ? { pauseMs } : {}
}

function ownPauseMs(
  { failures, failingSinceMs }: Batch,
  isHalved: boolean,
  { nowMs, random, wasAnswered }: Circumstances,
): number {
  if (isHalved) return backoffMs(Math.min(failures, MAX_HALVED_STEPS), random)
  const ms = backoffMs(failures, random)
  if (wasAnswered) return ms
  const mostMs = Math.max(UNANSWERED_PAUSE_MS, (nowMs - failingSinceMs) * UNANSWERED_SHARE)
  // Drawn from the shorter span, not cut off: clients that failed together must not come back together.
  return ms > mostMs ? Math.round(random * mostMs) : ms
}

function maySetAside(batch: Batch, sent: readonly Entry[], at: Circumstances): boolean {
  if (sent.length > 1 || batch.failures < ALONE_AFTER) return false
  if (at.lastProgressMs > batch.failingSinceMs) return true
  return !at.hasSupposed && (at.wasAnswered || batch.failures >= ALONE_UNANSWERED_AFTER)
}

function setAside(sent: Entry[], batch: Batch, at: Circumstances): Batch {
  const isProved = at.lastProgressMs > batch.failingSinceMs
  return {
    ...startBatch({ entries: sent, lanes: [] }),
    failures: batch.failures,
    failingSinceMs: batch.failingSinceMs,
    notBeforeMs: at.nowMs + backoffMs(batch.failures, at.random),
    aside: isProved ? 'proved' : 'supposed',
  }
}

/** Takes out what is not to be sent any more. */
export function takeOut(batch: Batch, isOut: (entry: Entry) => boolean): Entry[] {
  const out = batch.parts.flatMap((part) => part.filter(isOut))
  batch.parts = batch.parts
    .map((part) => part.filter((entry) => !isOut(entry)))
    .filter((part) => part.length > 0)
  return out
}

function halveFirst(batch: Batch): void {
  const [first = [], ...others] = batch.parts
  const middle = Math.ceil(first.length / 2)
  batch.parts = [first.slice(0, middle), first.slice(middle), ...others]
}

import type { Verdict, VerdictStatus } from './batch.ts'
import { MAX_RETRY_AFTER_MS } from './limits.ts'

/** What came back for a request. */
export interface HttpAnswer {
  /** HTTP status; 0 when there was no answer at all. */
  status: number
  /** The `Retry-After` header, if any. */
  retryAfter?: string | null
  /** The body read as JSON; `undefined` when it was not JSON. */
  body?: unknown
}

/**
 * What a client does next.
 * - `delivered`: read the verdicts; what has none is sent again.
 * - `retry`: send the same events again, not before `afterMs` where it is given.
 * - `split`: the request was too large; send its events in smaller ones, and drop one that is alone.
 * - `drop`: the collector will never take this request; `reason` is its code.
 */
export type AnswerClass =
  | { kind: 'delivered'; verdicts: Map<string, Verdict> }
  | { kind: 'retry'; afterMs?: number | undefined }
  | { kind: 'split' }
  | { kind: 'drop'; reason: string }

const VERDICT_STATUSES: readonly VerdictStatus[] = ['accepted', 'duplicate', 'rejected', 'retry']

/**
 * Classifies an answer. A permanent refusal counts only when it is the collector's own (JSON with
 * `success: false` and a `code`): a captive portal's 403 or a router's 404 must not cost events.
 *
 * @param nowMs Current time, for a `Retry-After` that is a date.
 */
export function classifyAnswer(answer: HttpAnswer, nowMs: number): AnswerClass {
  const { status, body } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered', verdicts: readVerdicts(body) }
  if (status === 413) return { kind: 'split' }
  const refusal = body as { success?: unknown; code?: unknown } | null | undefined
  if (status >= 400 && status <= 403 && refusal?.success === false) {
    return { kind: 'drop', reason: `${refusal.code ?? status}` }
  }
  return { kind: 'retry', afterMs: parseRetryAfter(answer.retryAfter, nowMs) }
}

/**
 * Reads a `Retry-After` header: seconds or an HTTP date (RFC 9110, 10.2.3).
 *
 * @returns Milliseconds to wait, from 0 to {@link MAX_RETRY_AFTER_MS}, or `undefined` when there is nothing to read.
 */
export function parseRetryAfter(
  header: string | null | undefined,
  nowMs: number,
): number | undefined {
  if (!header) return undefined
  // No seconds are a date, too, and long gone.
  const waitMs = Number(header) * 1000 || Date.parse(header) - nowMs
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS)
}

/** The well-formed verdicts of an answer's body, by `messageId`. Anything else is left out, and so not acknowledged. */
function readVerdicts(body: unknown): Map<string, Verdict> {
  const results = (body as { results?: object } | undefined)?.results ?? {}
  const isVerdict = ([, verdict]: [string, Verdict | null]): boolean =>
    VERDICT_STATUSES.includes(verdict?.status as VerdictStatus)
  return new Map(Object.entries(results).filter(isVerdict))
}

import type { BatchAnswer, Verdict, VerdictStatus } from '@tributary/protocol'
import { errorAnswer } from '../answers.ts'
import type { EventVerdict } from '../intake.ts'

/** What a browser that had lost its id is told beside the verdicts. */
type RestoredId = Pick<BatchAnswer, 'anonymousId'>

/**
 * The answer to a batch: 200 even where some of its events are refused. A client that does not read verdicts must
 * send all again when one event could not be kept: the rest will be met as duplicates.
 */
export function answerBatch(
  verdicts: readonly EventVerdict[],
  wantsVerdicts: boolean,
  restored: RestoredId,
): Response {
  const isKept = ({ status }: Verdict) => status !== 'retry'
  const canAcknowledge = wantsVerdicts ? verdicts.some(isKept) : verdicts.every(isKept)
  if (!canAcknowledge && verdicts.length > 0) return unavailable()
  const answer: BatchAnswer = { success: true, ok: true, ...restored }
  if (wantsVerdicts) answer.results = resultsOf(verdicts)
  else {
    const errors = verdicts.flatMap(({ status, ...refusal }, index) =>
      status === 'rejected' ? [{ index, ...refusal }] : [],
    )
    if (errors.length > 0) answer.errors = errors
  }
  return Response.json(answer)
}

/** The answer to a single event: a refused one is an error here, since there is nothing else in the request. */
export function answerOne(
  verdict: EventVerdict,
  wantsVerdicts: boolean,
  restored: RestoredId,
): Response {
  if (verdict.status === 'retry') return unavailable()
  if (verdict.status === 'rejected') {
    return errorAnswer(400, verdict.code ?? 'rejected', verdict.message ?? 'Rejected.')
  }
  const answer: BatchAnswer = { success: true, ok: true, ...restored }
  if (wantsVerdicts) answer.results = resultsOf([verdict])
  return Response.json(answer)
}

/** The answer when the journal could not keep what was sent. */
export function unavailable(): Response {
  const message = 'The events could not be stored now. Send them again.'
  return errorAnswer(503, 'journal_unavailable', message)
}

/** By what a client must not overlook: what it has to send again, then what was refused. */
const URGENCY: readonly VerdictStatus[] = ['retry', 'rejected', 'accepted', 'duplicate']

function verdictOf(status: VerdictStatus, code: string, message: string | undefined): Verdict {
  return message === undefined ? { status, code } : { status, code, message }
}

/** Verdicts that say no more: the same for all events. */
const VERDICTS: Readonly<Record<VerdictStatus, Verdict>> = {
  accepted: { status: 'accepted' },
  duplicate: { status: 'duplicate' },
  rejected: { status: 'rejected' },
  retry: { status: 'retry' },
}

/** By id. Where one id stands twice in a request, the more urgent verdict. */
function resultsOf(verdicts: readonly EventVerdict[]): Record<string, Verdict> {
  // Without a prototype, `__proto__` is a name like any other.
  const results: Record<string, Verdict> = Object.create(null)
  for (const [index, { messageId, status, code, message }] of verdicts.entries()) {
    const name = messageId ?? `#${index}`
    const other = results[name]
    if (other && URGENCY.indexOf(status) >= URGENCY.indexOf(other.status)) continue
    results[name] = code === undefined ? VERDICTS[status] : verdictOf(status, code, message)
  }
  return results
}

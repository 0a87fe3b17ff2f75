import { DeliveryError } from './errors.ts'
import type { Entry } from './lanes.ts'

/** The body of a request: the events are JSON already, and `sentAt` is the time of this attempt. */
export function writeBody(
  sent: readonly Entry[],
  nowMs: number,
): { text: string; isAscii: boolean } {
  const events = sent.map(({ json }) => json).join(',')
  const bytes = sent.reduce((sum, entry) => sum + entry.bytes + 1, -1)
  const text = `{"sentAt":"${new Date(nowMs).toISOString()}","verdicts":true,"batch":[${events}]}`
  return { text, isAscii: bytes === events.length }
}

/** What a failed attempt is to the host. */
export function failureOf({
  status,
  failure,
}: {
  status: number
  failure?: unknown
}): DeliveryError {
  let what = `HTTP ${status}`
  if (status === 0) what = `no answer (${failure instanceof Error ? failure.message : 'unknown'})`
  else if (status >= 200 && status < 300) what += ' that acknowledged no event'
  return new DeliveryError('request_failed', `A batch met ${what}; it will be sent again.`, failure)
}

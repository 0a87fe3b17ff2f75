import { deviceFacts } from '../adapters/device.ts'
import type { Sender } from '../core/sender.ts'
import type { RequestFacts } from '../prepare-record.ts'

/**
 * What the collector knows about a request beside its events.
 *
 * @param isFromDevice Whether the person's device made it. Every browser sends `Origin` with a POST (Fetch standard,
 *   3.2), and no server library does.
 */
export function requestFacts(
  request: Request,
  { source, isTrusted }: Sender,
  receivedAtMs: number,
  isFromDevice: boolean = request.headers.has('origin'),
): RequestFacts {
  const facts: RequestFacts = { source, receivedAtMs, isTrusted }
  const sentAt = request.headers.get('sentat')
  if (sentAt !== null) facts.sentAt = sentAt
  if (isFromDevice) facts.device = deviceFacts(request)
  return facts
}

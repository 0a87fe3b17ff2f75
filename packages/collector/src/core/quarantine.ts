import { isDeeperThan, type Json, type Refusal } from '@tributary/protocol'
import type { QuarantineRecord } from './record.ts'

/** A quarantine record that has no id yet. */
export interface Refused
  extends Pick<QuarantineRecord, 'source' | 'receivedAt' | 'code' | 'message' | 'payload'> {
  truncated?: true
}

/** Deeper payloads are kept as text: writing them as JSON again could exhaust the stack. */
const MAX_KEPT_DEPTH = 256

/**
 * The record of a refusal, with the payload as it came. One that nests too deep or is larger than `maxBytes` is kept
 * as the beginning of its text, `truncated`.
 *
 * @param text The text to fall back on: the request's body.
 */
export function quarantineRecord(
  source: string,
  receivedAtMs: number,
  refusal: Refusal<string>,
  payload: unknown,
  text: string,
  maxBytes: number,
): Refused {
  const record = {
    source,
    receivedAt: new Date(receivedAtMs).toISOString(),
    code: refusal.code,
    message: refusal.message,
  }
  const json = isDeeperThan(payload, MAX_KEPT_DEPTH) ? text : (JSON.stringify(payload) ?? text)
  if (json !== text && new TextEncoder().encode(json).length <= maxBytes) {
    return { ...record, payload: payload as Json }
  }
  // A character of text can become six bytes of JSON, as `\u0000` does.
  return { ...record, payload: json.slice(0, maxBytes / 6), truncated: true }
}

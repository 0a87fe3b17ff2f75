import type { Json, Refusal } from '@tributary/protocol'
import type { QuarantineRecord } from './record.ts'

/** A quarantine record that has no id yet. */
export interface Refused
  extends Pick<QuarantineRecord, 'source' | 'receivedAt' | 'code' | 'message' | 'payload'> {
  truncated?: true
}

/**
 * The record of a refusal, with the payload as it came. A payload that cannot be written as JSON again (nested so
 * deep that the writer gives up) or is larger than `maxBytes` is kept as the beginning of its text, `truncated`.
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
  const json = writeJson(payload)
  if (json !== undefined && new TextEncoder().encode(json).length <= maxBytes) {
    return { ...record, payload: payload as Json }
  }
  // A character of text can become six bytes of JSON, as `\u0000` does.
  return { ...record, payload: (json ?? text).slice(0, maxBytes / 6), truncated: true }
}

function writeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

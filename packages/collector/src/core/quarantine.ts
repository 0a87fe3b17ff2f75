import {
  isDeeperThan,
  isRawNumber,
  type Json,
  type QuarantineRecord,
  type Refusal,
} from '@tributary/protocol'

/** A quarantine record that has no id yet. */
export interface Refused
  extends Pick<QuarantineRecord, 'source' | 'receivedAt' | 'code' | 'message' | 'payload'> {
  truncated?: true
}

/** What lies deeper in a payload is not kept: writing it as JSON again could exhaust the stack. */
const MAX_KEPT_DEPTH = 256

/**
 * The record of a refusal, with the payload as it came. One that nests too deep is kept down to 256 levels, one larger
 * than `maxBytes` as the beginning of its text; both are then marked as `truncated`.
 */
export function quarantineRecord(
  source: string,
  receivedAtMs: number,
  { code, message }: Refusal<string>,
  payload: Json,
  maxBytes: number,
  isCut = false,
): Refused {
  const record = { source, receivedAt: new Date(receivedAtMs).toISOString(), code, message }
  const isTooDeep = isDeeperThan(payload, MAX_KEPT_DEPTH)
  const kept = isTooDeep ? cutOff(payload, MAX_KEPT_DEPTH) : payload
  const json = JSON.stringify(kept)
  if (new TextEncoder().encode(json).length > maxBytes) {
    // A character of text can become six bytes of JSON, as `\u0000` does.
    const text = typeof kept === 'string' ? kept : json
    return { ...record, payload: text.slice(0, maxBytes / 6), truncated: true }
  }
  return isTooDeep || isCut
    ? { ...record, payload: kept, truncated: true }
    : { ...record, payload: kept }
}

/** A copy down to `depth` containers; `null` stands for what lies deeper. */
function cutOff(value: Json | undefined, depth: number): Json {
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value ?? null
  if (depth === 0) return null
  if (Array.isArray(value)) return value.map((item) => cutOff(item, depth - 1))
  const members = Object.entries(value).map(([key, member]) => [key, cutOff(member, depth - 1)])
  return Object.fromEntries(members)
}

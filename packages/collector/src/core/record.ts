import type { QuarantineRecord } from '@tributary/protocol'
import { contentHash } from './fingerprint.ts'
import { fromCursor, toCursor } from './opaque-cursor.ts'
import type { StoredEvent } from './stored-event.ts'

/** Any line of the journal or the lake. */
export type StoredRecord = StoredEvent | QuarantineRecord

/** Place of a record in the order of arrival; records are listed from the last to the first. */
export interface Position {
  receivedAt: string
  id: string
  /**
   * Tells records apart that share an id: those of two sources, or of two people (docs/adr/0003). A hash, since a person's
   * id may be longer than a cursor may.
   */
  owner: string
}

/** The position of a record. */
export function positionOf(record: StoredRecord): Position {
  return {
    receivedAt: record.receivedAt,
    id: (record.messageId ?? record.id) as string,
    owner: contentHash([record.source, record.anonymousId ?? null, record.userId ?? null]).toHex(),
  }
}

/** Order for sorting records newest first; within one millisecond by id, which for UUIDv7 is the order of the calls. */
export function newestFirst(a: Position, b: Position): number {
  for (const field of ['receivedAt', 'id', 'owner'] as const) {
    if (a[field] !== b[field]) return a[field] > b[field] ? -1 : 1
  }
  return 0
}

/** The position just before everything that arrived at a time, ISO 8601, in the order of arrival. */
export function beginningOf(receivedAt: string): Position {
  return { receivedAt, id: '', owner: '' }
}

/** A position as an opaque cursor. */
export function writeCursor({ receivedAt, id, owner }: Position): string {
  return toCursor([receivedAt, id, owner])
}

/** Reads a cursor; `undefined` when it is not one of ours. */
export function readCursor(cursor: string): Position | undefined {
  const fields = fromCursor(cursor)
  if (!Array.isArray(fields) || fields.length !== 3) return undefined
  if (fields.some((field) => typeof field !== 'string')) return undefined
  const [receivedAt, id, owner] = fields as [string, string, string]
  const ms = Date.parse(receivedAt)
  const isTime = !Number.isNaN(ms) && new Date(ms).toISOString() === receivedAt
  return isTime ? { receivedAt, id, owner } : undefined
}

/** Which records a listing asks for. Every given field must be equal. */
export interface RecordFilter {
  source?: string
  type?: string
  userId?: string
  anonymousId?: string
  messageId?: string
  code?: string
  /** Ids of quarantine records. */
  ids?: readonly string[]
  /** Only records listed after this one, that is older ones. */
  after?: Position
  /** Only records listed before this one, that is newer ones. */
  since?: Position
}

/** True when a record is asked for. */
export function matchesFilter(record: StoredRecord, filter: RecordFilter): boolean {
  const { after, since, ids, ...fields } = filter
  for (const [field, wanted] of Object.entries(fields)) {
    if (wanted !== undefined && record[field] !== wanted) return false
  }
  if (ids && !ids.includes(record.id as string)) return false
  if (!after && !since) return true
  const position = positionOf(record)
  return (
    (!after || newestFirst(after, position) < 0) && (!since || newestFirst(position, since) < 0)
  )
}

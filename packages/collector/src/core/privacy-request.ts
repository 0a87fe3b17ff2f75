import type { JsonObject } from '@tributary/protocol'

/** What can be asked for a person. */
export const PRIVACY_OPERATIONS = ['export', 'erase', 'suppress', 'unsuppress', 'unlink'] as const
export type PrivacyOperation = (typeof PRIVACY_OPERATIONS)[number]

/**
 * A request as it is kept. It names nobody: identifiers are known by their fingerprints (`profileIdOf`), from the first moment
 * on, so that nothing has to be taken out of it once it is done.
 */
export interface PrivacyRequest {
  id: string
  operation: PrivacyOperation
  /** Fingerprints of the identifiers that were named; of `unlink` two. */
  subjects: string[]
  /** ISO 8601. The moment that counts: an erasure takes what happened up to it. */
  requestedAt: string
  /** As its sender says: the law it refers to, and when the person asked. */
  regulation?: string
  submittedAt?: string
  status: 'pending' | 'done'
  /** Of an erasure, once it is known who is meant: fingerprints of all identifiers of theirs. */
  people?: string[]
  /** The control records are in the journal. */
  isRecorded?: true
  /** Of a suppression: from when (ms) on every instance of the collector knows of it, and what came in between goes. */
  cleanAfterMs?: number
  counts: PrivacyCounts
  /** By shard of profiles: up to which erasure `counts` has them, so that none is counted twice. */
  counted: Record<string, number>
  completedAt?: string
  receipt?: Receipt
}

/** What was taken out, by place. */
export interface PrivacyCounts {
  /** Events that were the person's. */
  events: number
  /** Of these, those that arrived after the request was done. */
  lateEvents: number
  /** Lines taken out of each place; an event may lie in two of them, as while a day is compacted. */
  journalRecords: number
  lakeRecords: number
  parquetRecords: number
  quarantineRecords: number
}

/** A statement that can be shown: its text, and a signature of exactly these characters. */
export interface Receipt {
  /** JSON. */
  statement: string
  /** HMAC-SHA-256 in hexadecimal; `null` where no secret was set. */
  signature: string | null
}

/** Nothing yet. */
export function emptyCounts(): PrivacyCounts {
  return {
    events: 0,
    lateEvents: 0,
    journalRecords: 0,
    lakeRecords: 0,
    parquetRecords: 0,
    quarantineRecords: 0,
  }
}

/** Whether two requests ask for the same. */
export function asksForSame(a: PrivacyRequest, b: PrivacyRequest): boolean {
  const [named, others] = [new Set(a.subjects), new Set(b.subjects)]
  const isEqual = named.size === others.size && [...named].every((one) => others.has(one))
  return a.operation === b.operation && isEqual
}

/** The `messageId` of a request's control record, one for each identifier: the same at every try. */
function controlMessageId({ id }: Pick<PrivacyRequest, 'id'>, index: number): string {
  return `privacy-${id}-${index}`
}

/** The request that made a control record. */
export function requestOfControl(messageId: string): string | undefined {
  return /^privacy-(.+)-\d+$/.exec(messageId)?.[1]
}

/** The control records of a request, as they are stored. */
export function controlRecords({
  operation,
  subjects,
  requestedAt,
  id,
}: PrivacyRequest): JsonObject[] {
  const common = { source: CONTROL_SOURCE, receivedAt: requestedAt, timestamp: requestedAt }
  if (operation === 'export') return []
  if (operation === 'unlink') {
    const [a, b] = subjects as [string, string]
    return [{ type: '$unlink', a, b, messageId: controlMessageId({ id }, 0), ...common }]
  }
  const type = operation === 'erase' ? '$delete' : `$${operation}`
  return subjects.map((subject, index) => {
    return { type, id: subject, messageId: controlMessageId({ id }, index), ...common }
  })
}

/** The source of control records. No configured one may be called so. */
export const CONTROL_SOURCE = '$tributary'

/** From when until when (ms) an identifier is suppressed. */
export interface Suppression {
  fingerprint: string
  from: number
  through: number
}

/** What the requests so far suppress, by R17: the latest one up to an event's time decides. */
export function suppressionsOf(
  requests: readonly Pick<PrivacyRequest, 'operation' | 'subjects' | 'requestedAt'>[],
): Suppression[] {
  const said = requests.flatMap(({ operation, subjects, requestedAt }) =>
    subjects.map((fingerprint) => ({ fingerprint, operation, at: Date.parse(requestedAt) })),
  )
  const suppressions: Suppression[] = []
  for (const [fingerprint, all] of Map.groupBy(said, (one) => one.fingerprint)) {
    all.sort((a, b) => a.at - b.at)
    for (const [index, { operation, at }] of all.entries()) {
      if (operation !== 'suppress') continue
      const through = (all[index + 1]?.at ?? Number.POSITIVE_INFINITY) - 1
      suppressions.push({ fingerprint, from: at, through })
    }
  }
  return suppressions
}

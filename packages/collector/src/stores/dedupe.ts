import {
  addToParts,
  type Fingerprint,
  findContent,
  type PackedFingerprints,
} from '../core/packed-fingerprints.ts'
import type { Print } from '../core/packed-prints.ts'
import { FINGERPRINT_CACHE_BYTES, MAX_FINGERPRINTS_PER_ROW } from '../limits.ts'
import type { JournalStatements } from './journal-sql.ts'

/** A fingerprint and the hour whose bucket holds it. */
type BucketedFingerprint = Fingerprint & Pick<Print, 'bucket'>

/**
 * The memory of every event that a journal has ever stored. What is not drained yet is in `recent`, rebuilt at
 * start from the journal's rows; the rest is packed in SQLite, and the buckets last used are kept in memory.
 */
export function createDedupe(statements: JournalStatements) {
  const recent = new Map<bigint, bigint>()
  /** Of events that are about to be written. */
  const expected = new Map<bigint, bigint>()
  const cache = new Map<number, PackedFingerprints[]>()
  let cachedBytes = 0

  function partsOf(bucket: number): PackedFingerprints[] {
    const parts = cache.get(bucket) ?? statements.packedParts('fingerprints', bucket)
    keepCached(bucket, parts)
    return parts
  }

  /** Puts a bucket last in line for eviction (a Map iterates in order of insertion). */
  function keepCached(bucket: number, parts: PackedFingerprints[]): void {
    evict(bucket)
    cache.set(bucket, parts)
    cachedBytes += bytesOf(parts)
    for (const [oldest] of cache) {
      if (cachedBytes <= FINGERPRINT_CACHE_BYTES || oldest === bucket) return
      evict(oldest)
    }
  }

  function evict(bucket: number): void {
    cachedBytes -= bytesOf(cache.get(bucket) ?? [])
    cache.delete(bucket)
  }

  return {
    /** What is known of an event: nothing, the same content, or other content under its id. */
    recognise({ id, content, bucket }: BucketedFingerprint): 'new' | 'duplicate' | 'conflict' {
      let known = expected.get(id) ?? recent.get(id)
      if (known === undefined) {
        for (const part of partsOf(bucket)) known ??= findContent(part, id)
      }
      if (known === undefined) return 'new'
      return known === content ? 'duplicate' : 'conflict'
    },
    /** Notes an event that the next commit is to write. */
    expect({ id, content }: Fingerprint): void {
      expected.set(id, content)
    },
    /** The commit has written what was expected, or has not. */
    settle(isWritten: boolean): void {
      if (isWritten) for (const [id, content] of expected) recent.set(id, content)
      expected.clear()
    },
    /** Remembers an event whose row is in the journal. */
    remember({ id, content }: Fingerprint): void {
      recent.set(id, content)
    },
    /** Moves the fingerprints of drained rows into their buckets. Writes SQL only: part of the drain's transaction. */
    store(drained: readonly BucketedFingerprint[]): void {
      for (const [bucket, added] of Map.groupBy(drained, (print) => print.bucket)) {
        const before = partsOf(bucket)
        const after = addToParts(before, added, MAX_FINGERPRINTS_PER_ROW)
        statements.putPackedParts('fingerprints', bucket, before, after)
        keepCached(bucket, after)
      }
    },
    /** Forgets what {@link store} has taken over; call it once the transaction is through. */
    forget(drained: readonly Fingerprint[]): void {
      for (const { id } of drained) recent.delete(id)
    },
  }
}

/** The memory of one journal. */
export type Dedupe = ReturnType<typeof createDedupe>

function bytesOf(parts: readonly PackedFingerprints[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0)
}

import {
  addToParts,
  type Fingerprint,
  findContent,
  type PackedFingerprints,
} from '../core/packed-fingerprints.ts'
import { FINGERPRINT_CACHE_BYTES, MAX_FINGERPRINTS_PER_ROW } from '../limits.ts'
import type { JournalStatements } from './journal-sql.ts'

/** A fingerprint and the hour whose bucket holds it. */
export interface BucketedFingerprint extends Fingerprint {
  bucket: number
}

/**
 * The memory of every event that a journal has ever stored. What is not drained yet is in `recent`, rebuilt at
 * start from the journal's rows; the rest is packed in SQLite, and the buckets last used are kept in memory.
 */
export function createDedupe(statements: JournalStatements) {
  const recent = new Map<bigint, bigint>()
  const cache = new Map<number, PackedFingerprints[]>()
  let cachedBytes = 0

  function partsOf(bucket: number): PackedFingerprints[] {
    const parts =
      cache.get(bucket) ??
      statements.fingerprintParts(bucket).map((packed) => new BigUint64Array(packed))
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
      let known = recent.get(id)
      if (known === undefined) {
        for (const part of partsOf(bucket)) known ??= findContent(part, id)
      }
      if (known === undefined) return 'new'
      return known === content ? 'duplicate' : 'conflict'
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
        for (const [part, packed] of after.entries()) {
          if (packed === before[part]) continue
          statements.putFingerprintPart(bucket, part, packed.buffer as ArrayBuffer)
        }
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

/** Fingerprints as one row holds them. */
export function packTriples(fingerprints: readonly BucketedFingerprint[]): ArrayBuffer {
  const packed = new BigUint64Array(fingerprints.length * 3)
  for (const [index, { id, content, bucket }] of fingerprints.entries()) {
    packed.set([id, content, BigInt(bucket)], index * 3)
  }
  return packed.buffer
}

/** The reverse of {@link packTriples}. */
export function unpackTriples(buffer: ArrayBuffer): BucketedFingerprint[] {
  const packed = new BigUint64Array(buffer)
  return Array.from({ length: packed.length / 3 }, (_, index) => ({
    id: packed[index * 3] as bigint,
    content: packed[index * 3 + 1] as bigint,
    bucket: Number(packed[index * 3 + 2]),
  }))
}

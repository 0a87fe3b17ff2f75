import { isJsonObject } from '@tributary/protocol'
import type { LakeKey } from './lake-key.ts'

/** A Parquet file of a day, as its manifest names it. */
export interface LakePart {
  key: string
  events: number
  /** Size of the file. */
  bytes: number
  /** Arrival of its first and last event, ISO 8601. */
  firstReceivedAt: string
  lastReceivedAt: string
}

/**
 * What of one day of one source is in Parquet. It is what decides: a Parquet file that it does not name counts for
 * nothing, and an object that `compactedThrough` covers counts no more.
 */
export interface Manifest {
  version: 1
  /** In the order in which they were written; a journal's rows are in this order too. */
  parts: LakePart[]
  /** By journal: its objects of this day up to this row are in the parts. */
  compactedThrough: Record<string, number>
  /** Time of the last change, ISO 8601. What it replaced may go when those have finished who listed it before. */
  committedAt: string
  /** What it replaced is gone, and nothing was left to compact. */
  settled?: true
  /** Time of the last removal of events, ISO 8601. What was read before it must not be committed after it. */
  removedAt?: string
}

/** The manifest of a day of which nothing is compacted. */
export function emptyManifest(committedAt: string): Manifest {
  return { version: 1, parts: [], compactedThrough: {}, committedAt }
}

/** Reads a manifest. @throws Error when it is not one: what counts would then be a guess. */
export function parseManifest(text: string): Manifest {
  const manifest: unknown = JSON.parse(text)
  if (!isJsonObject(manifest) || manifest.version !== 1 || !Array.isArray(manifest.parts)) {
    throw new Error('The manifest of a day in the lake cannot be read.')
  }
  return manifest as unknown as Manifest
}

/** Whether an object's events are in the parts. */
export function isCompacted(
  { compactedThrough }: Manifest,
  { journal, to }: Pick<LakeKey, 'journal' | 'to'>,
): boolean {
  return Object.hasOwn(compactedThrough, journal) && to <= (compactedThrough[journal] as number)
}

/** The manifest after `part` was made of `objects`. */
export function withPart(
  manifest: Manifest,
  part: LakePart,
  objects: readonly Pick<LakeKey, 'journal' | 'to'>[],
  committedAt: string,
): Manifest {
  const compactedThrough = { ...manifest.compactedThrough }
  for (const { journal, to } of objects) {
    compactedThrough[journal] = Math.max(compactedThrough[journal] ?? 0, to)
  }
  return { version: 1, parts: [...manifest.parts, part], compactedThrough, committedAt }
}

/**
 * Objects in the order in which they are compacted: by arrival, so that a part spans little time, but those of one
 * journal always in the order of its rows, which `compactedThrough` and the order of a person's events need.
 */
export function inCompactionOrder<T extends LakeKey & { firstReceivedAt: string }>(
  objects: readonly T[],
): T[] {
  const latest = new Map<string, string>()
  return [...objects]
    .sort((a, b) => a.from - b.from)
    .map((object) => {
      // A clock that was set back must not let a later row overtake an earlier one.
      const before = latest.get(object.journal) ?? ''
      let time = object.firstReceivedAt
      if (time < before) time = before
      latest.set(object.journal, time)
      return { object, time }
    })
    .sort((a, b) => (a.time === b.time ? a.object.from - b.object.from : a.time < b.time ? -1 : 1))
    .map(({ object }) => object)
}

import { type LakeObject, listDay, readLines, replaceLines } from './adapters/lake.ts'
import { fileLines, readManifest, replaceManifest } from './adapters/lake-files.ts'
import { PARQUET_METADATA, writeChecked } from './adapters/parquet.ts'
import { emptyManifest, type LakePart, type Manifest } from './core/compaction.ts'
import { addRow, emptyTable } from './core/event-columns.ts'
import type { RecordKind } from './core/lake-key.ts'
import type { LineFilter } from './core/removal.ts'
import { MAX_REMOVAL_TRIES } from './limits.ts'

/** What was taken out of a day of the lake. */
export interface LakeRemoval {
  /** Events in objects of NDJSON, and in Parquet; one may be in both while it is compacted. */
  lakeEvents: number
  parquetEvents: number
  quarantineRecords: number
  /** Files that were written anew, or deleted because they counted for nothing. */
  files: number
}

/** Nothing yet. */
export function emptyLakeRemoval(): LakeRemoval {
  return { lakeEvents: 0, parquetEvents: 0, quarantineRecords: 0, files: 0 }
}

/** Thrown inside: a drain, a compaction or another removal came between a look and what followed from it. */
class ChangedMeanwhile extends Error {}

/**
 * Takes events out of one source and date of the lake. Each file is replaced in one step under its own key, so that a
 * reader finds it as it was or as it is to be, and every other event once in both. Repeating it does no harm; cut off,
 * it is to be repeated. Journals must hold no rows of these events any more: what a drain brings later is not looked at.
 *
 * @param removed Counted up in place.
 * @throws Error when the lake refuses, or a day changes faster than it can be read.
 */
export async function removeFromDay(
  bucket: R2Bucket,
  kind: RecordKind,
  source: string,
  date: string,
  filter: LineFilter,
  now: () => number,
  removed: LakeRemoval,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      if (kind === 'events') await removeEvents(bucket, source, date, filter, now, removed)
      else await removeRefused(bucket, source, date, filter, removed)
      return
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile) || tries === MAX_REMOVAL_TRIES) throw error
    }
  }
}

async function removeEvents(
  bucket: R2Bucket,
  source: string,
  date: string,
  filter: LineFilter,
  now: () => number,
  removed: LakeRemoval,
): Promise<void> {
  // The order of a compaction: manifest, listing, files.
  const { manifest, etag } = await readManifest(bucket, source, date)
  const { objects, otherKeys } = await listDay(bucket, 'events', source, date)
  let hasChanged = false
  for (const object of objects) {
    const lines = await linesOf(bucket, object)
    const left = lines.filter((line) => !filter.takesEvent(line))
    if (left.length === lines.length) continue
    await replace(bucket, object, left)
    removed.lakeEvents += lines.length - left.length
    removed.files += 1
    hasChanged = true
  }
  const parts: LakePart[] = []
  for (const part of manifest?.parts ?? []) {
    const left = await removeFromPart(bucket, part, filter)
    parts.push(left)
    if (left === part) continue
    removed.parquetEvents += part.events - left.events
    removed.files += 1
    hasChanged = true
  }
  const named = new Set(parts.map(({ key }) => key))
  const uncommitted = otherKeys.filter((key) => key.endsWith('.parquet') && !named.has(key))
  if (!hasChanged && uncommitted.length === 0) return
  // A compaction that read this day before is thereby refused its commit: it may have read what is gone now.
  const after: Manifest = { ...(manifest ?? emptyManifest(nowText(now))), parts }
  after.removedAt = nowText(now)
  const stored = await replaceManifest(bucket, source, date, after, etag)
  if (!stored) throw new ChangedMeanwhile(`The manifest of ${source}, ${date} has changed.`)
  // Its files were never read by anybody, and no later one gets their keys, which name the manifest it follows.
  if (uncommitted.length > 0) await bucket.delete(uncommitted)
  removed.files += uncommitted.length
}

function nowText(now: () => number): string {
  return new Date(now()).toISOString()
}

/** The part without what goes; the very same where nothing does. */
async function removeFromPart(
  bucket: R2Bucket,
  part: LakePart,
  filter: LineFilter,
): Promise<LakePart> {
  const before = await bucket.head(part.key)
  if (!before) throw new Error(`The lake has lost ${part.key}.`)
  const table = emptyTable()
  let events = 0
  let all = 0
  for await (const lines of fileLines(bucket, part)) {
    for (const line of lines) {
      all += 1
      if (filter.takesEvent(line)) continue
      addRow(table, line)
      events += 1
    }
  }
  // The manifest may be behind: a removal was cut off between the two.
  if (all === events) return part.events === events ? part : { ...part, events }
  const file = await writeChecked(table)
  const replaced = await bucket.put(part.key, file, {
    onlyIf: { etagMatches: before.etag },
    httpMetadata: PARQUET_METADATA,
  })
  if (!replaced) throw new ChangedMeanwhile(`${part.key} has changed.`)
  return { ...part, events, bytes: file.byteLength }
}

async function removeRefused(
  bucket: R2Bucket,
  source: string,
  date: string,
  filter: LineFilter,
  removed: LakeRemoval,
): Promise<void> {
  const { objects } = await listDay(bucket, 'quarantine', source, date)
  for (const object of objects) {
    const lines = await linesOf(bucket, object)
    const left = lines.map((line) => filter.leaveOfRefused(line))
    const touched = left.filter((line, index) => line !== lines[index]).length
    if (touched === 0) continue
    await replace(
      bucket,
      object,
      left.filter((line) => line !== undefined),
    )
    removed.quarantineRecords += touched
    removed.files += 1
  }
}

/** Lines of a listed object; none of one that a compaction has deleted since, for they are in a part then. */
async function linesOf(bucket: R2Bucket, { key }: LakeObject): Promise<string[]> {
  return (await bucket.head(key)) ? readLines(bucket, key) : []
}

async function replace(
  bucket: R2Bucket,
  object: LakeObject,
  lines: readonly string[],
): Promise<void> {
  if (await replaceLines(bucket, object, lines)) return
  throw new ChangedMeanwhile(`${object.key} has changed.`)
}

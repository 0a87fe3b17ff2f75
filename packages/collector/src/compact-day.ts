import { sha256, toHex } from './adapters/digest.ts'
import { type LakeObject, listDay, readLines } from './adapters/lake.ts'
import { readManifest, replaceManifest, type StoredManifest } from './adapters/lake-files.ts'
import { PARQUET_METADATA, writeChecked } from './adapters/parquet.ts'
import {
  emptyManifest,
  inCompactionOrder,
  isCompacted,
  type LakePart,
  type Manifest,
  withPart,
} from './core/compaction.ts'
import { addRow, type EventTable, emptyTable } from './core/event-columns.ts'
import { partKey } from './core/lake-key.ts'
import { MAX_DELETED_KEYS, MAX_PART_BYTES } from './limits.ts'

/** What compacting did, and the operations on the lake that it took. */
export interface CompactionReport {
  partsWritten: number
  objectsCompacted: number
  events: number
  objectsDeleted: number
  /** R2 class A: puts and listings. Deleting is free. */
  lakeWrites: number
  /** R2 class B: gets and heads. */
  lakeReads: number
}

/** Nothing done yet. */
export function emptyReport(): CompactionReport {
  return {
    partsWritten: 0,
    objectsCompacted: 0,
    events: 0,
    objectsDeleted: 0,
    lakeWrites: 0,
    lakeReads: 0,
  }
}

/**
 * - `waiting`: all is compacted; what was replaced waits for its time to be deleted.
 * - `settled`: all is compacted and what was replaced is gone.
 * - `conflict`: another compaction of the same day came first. It goes on.
 */
export type DayOutcome = 'waiting' | 'settled' | 'conflict'

/** One source and date under compaction. */
interface Day {
  bucket: R2Bucket
  source: string
  date: string
  now: () => number
  report: CompactionReport
}

/**
 * Compacts one source and date step by step: a Parquet file is written, then the manifest is replaced on the condition
 * that nobody replaced it meanwhile, and only `graceMs` after that the objects are deleted whose place it took. Cut off
 * anywhere, the next call goes on from what the manifest says. The journals must hold no rows of that day any more.
 *
 * @param report Counted up in place.
 * @yields After every step that changed the lake: a caller may stop there.
 * @throws Error when the lake refuses, or when a file does not read back as what was written.
 */
export async function* compactDay(
  bucket: R2Bucket,
  source: string,
  date: string,
  graceMs: number,
  now: () => number,
  report: CompactionReport,
): AsyncGenerator<void, DayOutcome> {
  const day: Day = { bucket, source, date, now, report }
  // First the manifest: a commit is refused unless it still stands, and so the listing is not older than what counts.
  let stored = await readManifest(bucket, source, date)
  report.lakeReads += 1
  const { objects, calls } = await listDay(bucket, 'events', source, date)
  report.lakeWrites += calls
  const { manifest } = stored
  const compacted = manifest ? objects.filter((object) => isCompacted(manifest, object)) : []
  const pending = inCompactionOrder(objects.filter((object) => !compacted.includes(object)))

  let done = 0
  while (done < pending.length) {
    const group = await readGroup(day, pending, done)
    const next = await commitGroup(day, stored, group)
    if (!next) return 'conflict'
    stored = next
    done += group.objects.length
    compacted.push(...group.objects)
    yield
  }
  if (!stored.manifest || stored.manifest.settled) return 'settled'
  if (now() - Date.parse(stored.manifest.committedAt) < graceMs) return 'waiting'
  return yield* settle(day, stored, stored.manifest, compacted)
}

/** Objects that go into one Parquet file, and their events. */
interface Group {
  objects: LakeObject[]
  table: EventTable
  events: number
}

/** Reads pending objects from the given one on, until they are enough for a file. */
async function readGroup(
  { bucket, report }: Day,
  pending: readonly LakeObject[],
  from: number,
): Promise<Group> {
  const group: Group = { objects: [], table: emptyTable(), events: 0 }
  let bytes = 0
  for (const object of pending.slice(from)) {
    if (bytes >= MAX_PART_BYTES) break
    const lines = await readLines(bucket, object.key)
    report.lakeReads += 1
    for (const line of lines) {
      addRow(group.table, line)
      bytes += line.length
    }
    group.events += lines.length
    group.objects.push(object)
  }
  return group
}

async function commitGroup(
  { bucket, source, date, now, report }: Day,
  { manifest, etag }: StoredManifest,
  { objects, table, events }: Group,
): Promise<StoredManifest | undefined> {
  const before = manifest ?? emptyManifest('')
  // What an erasure has replaced, and what was begun before a commit that came first, must never be met again.
  const made = [etag ?? '', ...objects.map((object) => `${object.key} ${object.etag}`)]
  const digest = toHex(await sha256(made.join('\n')), 8)
  const file = await writeChecked(table)
  const part: LakePart = {
    key: partKey(source, date, before.parts.length, digest),
    events,
    bytes: file.byteLength,
    ...arrivals(objects),
  }
  // A key that is taken is that of a call which was cut off before its commit: equal key, equal objects, equal events.
  await bucket.put(part.key, file, {
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: PARQUET_METADATA,
  })
  const committedAt = new Date(now()).toISOString()
  const after = withPart(before, part, objects, committedAt)
  const stored = await replaceManifest(bucket, source, date, after, etag)
  report.lakeWrites += 2
  if (!stored) return undefined
  report.partsWritten += 1
  report.objectsCompacted += objects.length
  report.events += events
  return stored
}

/** Arrival of the first and the last event in the objects. */
function arrivals(
  objects: readonly LakeObject[],
): Pick<LakePart, 'firstReceivedAt' | 'lastReceivedAt'> {
  const times = objects.flatMap((object) => [object.firstReceivedAt, object.lastReceivedAt])
  // ISO 8601 in one form sorts as text.
  const [firstReceivedAt = '', ...later] = times.sort((a, b) => (a < b ? -1 : 1))
  return { firstReceivedAt, lastReceivedAt: later.at(-1) ?? firstReceivedAt }
}

/** Deletes what was replaced, after a look whether the files that replace it are there. */
async function* settle(
  { bucket, source, date, report }: Day,
  { etag }: StoredManifest,
  manifest: Manifest,
  compacted: readonly LakeObject[],
): AsyncGenerator<void, DayOutcome> {
  for (const { key } of manifest.parts) {
    report.lakeReads += 1
    if (!(await bucket.head(key))) throw new Error(`The lake has lost ${key}.`)
  }
  for (let from = 0; from < compacted.length; from += MAX_DELETED_KEYS) {
    const keys = compacted.slice(from, from + MAX_DELETED_KEYS).map(({ key }) => key)
    await bucket.delete(keys)
    report.objectsDeleted += keys.length
    yield
  }
  report.lakeWrites += 1
  const stored = await replaceManifest(bucket, source, date, { ...manifest, settled: true }, etag)
  return stored ? 'settled' : 'conflict'
}

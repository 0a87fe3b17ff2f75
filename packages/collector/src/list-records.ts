import { allJournals } from './adapters/journal-stubs.ts'
import { sourcesByDate } from './adapters/lake.ts'
import { fileLines, isPart, type LakeFile, readableFiles } from './adapters/lake-files.ts'
import type { RecordKind } from './core/lake-key.ts'
import {
  addNewest,
  type Listed,
  type ListingBounds,
  type Newest,
  NOTHING,
  raiseFloor,
  selectLines,
} from './core/newest.ts'
import { newestFirst, type Position, type RecordFilter, writeCursor } from './core/record.ts'
import type { CollectorEnv } from './env.ts'
import { MAX_OBJECTS_PER_PAGE, MAX_PAGE_LENGTH, PART_WEIGHT } from './limits.ts'

/** One page of records, newest first. */
export interface RecordPage {
  /** The JSON of each. */
  lines: string[]
  /** Where to go on; `undefined` at the end. A page may be short, even empty, and yet have one. */
  next: Position | undefined
}

/**
 * Lists stored records, those in the journals and those in the lake, each exactly once: the journals are asked first,
 * each tells up to which row the lake has the rest, and of the lake only objects up to that row are read. A drain in
 * between therefore neither hides nor doubles anything. A compaction in between may bring into a Parquet file what a
 * journal has told already; that is known by its position.
 *
 * @param limit Records of a page; fewer when they are long.
 * @param maxObjects Objects of the lake to read before the page ends early, with a cursor to go on from.
 */
export async function listRecords(
  env: CollectorEnv,
  shards: number,
  kind: RecordKind,
  filter: RecordFilter,
  limit: number,
  maxObjects: number = MAX_OBJECTS_PER_PAGE,
): Promise<RecordPage> {
  const bounds: ListingBounds = { limit, maxLength: MAX_PAGE_LENGTH }
  const each = { limit, maxLength: MAX_PAGE_LENGTH / shards }
  const journals = await Promise.all(
    allJournals(env, shards).map((journal) => journal.list(kind, filter, each)),
  )
  const drainedThrough = new Map(journals.map(({ name, drainedThrough }) => [name, drainedThrough]))
  const isDrained = (file: LakeFile) =>
    isPart(file) || file.to <= (drainedThrough.get(file.journal) ?? file.to)

  let newest = NOTHING
  for (const { records, floor } of journals) {
    newest = addNewest(newest, records, bounds)
    if (floor) newest = raiseFloor(newest, floor)
  }
  const isToldAlready = positionsIn(newest.records)
  let objectsRead = 0
  for await (const file of newestFiles(env.LAKE, kind, filter, isDrained)) {
    if (newest.floor && newest.floor.receivedAt > file.lastReceivedAt) break
    const here = justAfter(file.lastReceivedAt)
    // Objects that span the same time are only passed together: a page goes on until it has come further.
    const hasMoved = !filter.after || newestFirst(filter.after, here) < 0
    if (objectsRead >= maxObjects && hasMoved) {
      newest = raiseFloor(newest, here)
      break
    }
    objectsRead += isPart(file) ? PART_WEIGHT : 1
    newest = await addFile(env.LAKE, file, filter, bounds, newest, isToldAlready)
  }
  return { lines: newest.records.map(({ line }) => line), next: newest.floor }
}

async function addFile(
  bucket: R2Bucket,
  file: LakeFile,
  filter: RecordFilter,
  bounds: ListingBounds,
  before: Newest,
  isToldAlready: (record: Listed) => boolean,
): Promise<Newest> {
  let newest = before
  for await (const lines of fileLines(bucket, file)) {
    const selected = selectLines(lines, filter)
    const untold = isPart(file) ? selected.filter((record) => !isToldAlready(record)) : selected
    newest = addNewest(newest, untold, bounds)
  }
  return newest
}

/** Tells whether a record is one of these. */
function positionsIn(records: readonly Listed[]): (record: Listed) => boolean {
  const told = new Set(records.map(({ position }) => writeCursor(position)))
  return ({ position }) => told.size > 0 && told.has(writeCursor(position))
}

/** The position between everything that arrived at `receivedAt` and everything newer: a page can end there. */
function justAfter(receivedAt: string): Position {
  return { receivedAt: new Date(Date.parse(receivedAt) + 1).toISOString(), id: '', owner: '' }
}

/** Files that may hold matching records, by their last arrival, newest first. */
async function* newestFiles(
  bucket: R2Bucket,
  kind: RecordKind,
  filter: RecordFilter,
  isDrained: (file: LakeFile) => boolean,
): AsyncGenerator<LakeFile> {
  for (const [date, sources] of await sourcesByDate(bucket, kind, filter.source)) {
    if (filter.after && date > filter.after.receivedAt.slice(0, 10)) continue
    const files: LakeFile[] = []
    for (const source of sources) {
      for (const file of await readableFiles(bucket, kind, source, date)) {
        const isPast = filter.after && file.firstReceivedAt > filter.after.receivedAt
        if (isDrained(file) && !isPast) files.push(file)
      }
    }
    yield* files.sort((a, b) => (a.lastReceivedAt > b.lastReceivedAt ? -1 : 1))
  }
}

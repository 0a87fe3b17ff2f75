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
import { beginningOf, newestFirst, type Position, type RecordFilter } from './core/record.ts'
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
 * between therefore neither hides nor doubles anything. What a compaction in between has brought into a Parquet file
 * though a journal told it is known by its position, and so is a row that was set aside and is drained late.
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
  const { told, isDrained } = await askJournals(env, shards, kind, filter, bounds)
  const isToldAlready = positionsIn(told.records)
  let newest = told
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

/** What the journals hold, and which files of the lake have nothing of that. */
async function askJournals(
  env: CollectorEnv,
  shards: number,
  kind: RecordKind,
  filter: RecordFilter,
  bounds: ListingBounds,
): Promise<{ told: Newest; isDrained: (file: LakeFile) => boolean }> {
  const each = { ...bounds, maxLength: bounds.maxLength / shards }
  const journals = await Promise.all(
    allJournals(env, shards).map((journal) => journal.list(kind, filter, each)),
  )
  const drainedThrough = new Map(journals.map(({ name, drainedThrough }) => [name, drainedThrough]))
  let told = NOTHING
  for (const { records, floor } of journals) {
    told = addNewest(told, records, bounds)
    if (floor) told = raiseFloor(told, floor)
  }
  return {
    told,
    isDrained: (file) => isPart(file) || file.to <= (drainedThrough.get(file.journal) ?? file.to),
  }
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
    const selected = selectLines(lines, filter).filter((record) => !isToldAlready(record))
    newest = addNewest(newest, selected, bounds)
  }
  return newest
}

/** Tells whether a record is one of these. */
function positionsIn(records: readonly Listed[]): (record: Listed) => boolean {
  const told = new Set(records.map(({ position }) => nameOf(position)))
  return ({ position }) => told.size > 0 && told.has(nameOf(position))
}

/** Equal for equal positions. */
function nameOf({ receivedAt, id, owner }: Position): string {
  return `${receivedAt}\n${id}\n${owner}`
}

/** The position between everything that arrived at `receivedAt` and everything newer: a page can end there. */
function justAfter(receivedAt: string): Position {
  return beginningOf(new Date(Date.parse(receivedAt) + 1).toISOString())
}

/** Files that may hold matching records, by their last arrival, newest first. */
async function* newestFiles(
  bucket: R2Bucket,
  kind: RecordKind,
  filter: RecordFilter,
  isDrained: (file: LakeFile) => boolean,
): AsyncGenerator<LakeFile> {
  const { after, since } = filter
  const until = after?.receivedAt ?? '\uffff'
  const from = since?.receivedAt ?? ''
  for (const [date, sources] of await sourcesByDate(bucket, kind, filter.source)) {
    if (date > until.slice(0, 10) || date < from.slice(0, 10)) continue
    const files: LakeFile[] = []
    for (const source of sources) files.push(...(await readableFiles(bucket, kind, source, date)))
    yield* files
      .filter((file) => isDrained(file))
      .filter((file) => file.firstReceivedAt <= until && file.lastReceivedAt >= from)
      .sort((a, b) => (a.lastReceivedAt > b.lastReceivedAt ? -1 : 1))
  }
}

import { allJournals } from './adapters/journal-stubs.ts'
import { type LakeObject, listObjects, readLines, sourcesByDate } from './adapters/lake.ts'
import type { RecordKind } from './core/lake-key.ts'
import {
  keepNewest,
  newestFirst,
  type Position,
  positionOf,
  type RecordFilter,
  type StoredRecord,
  selectNewest,
} from './core/record.ts'
import type { CollectorEnv } from './env.ts'
import { MAX_OBJECTS_PER_PAGE } from './limits.ts'

/** One page of records, newest first. */
export interface RecordPage {
  records: StoredRecord[]
  /** Where to go on; `undefined` at the end. A page may be short, even empty, and yet have one. */
  next: Position | undefined
}

/**
 * Lists stored records, those in the journals and those in the lake, each exactly once: the journals are asked first,
 * each tells up to which row the lake has the rest, and of the lake only objects up to that row are read. A drain in
 * between therefore neither hides nor doubles anything.
 *
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
  const journals = await Promise.all(
    allJournals(env, shards).map((journal) => journal.list(kind, filter, limit + 1)),
  )
  const drainedThrough = new Map(journals.map(({ name, drainedThrough }) => [name, drainedThrough]))
  const isDrained = ({ journal, to }: LakeObject) => to <= (drainedThrough.get(journal) ?? to)

  let records = journals
    .flatMap(({ lines }) => lines)
    .map((line) => JSON.parse(line) as StoredRecord)
  let objectsRead = 0
  for await (const object of newestObjects(env.LAKE, kind, filter, isDrained)) {
    records = keepNewest(records, limit + 1)
    const oldest = records[limit]
    if (oldest && oldest.receivedAt > object.lastReceivedAt) break
    if (objectsRead >= maxObjects) {
      const next = justAfter(object.lastReceivedAt)
      // Objects that span the same time are only passed together: a page goes on until it has come further.
      if (!filter.after || newestFirst(filter.after, next) < 0) {
        return {
          records: records.filter((record) => newestFirst(positionOf(record), next) < 0),
          next,
        }
      }
    }
    objectsRead += 1
    records.push(...selectNewest(await readLines(env.LAKE, object.key), filter, limit + 1))
  }
  const page = keepNewest(records, limit + 1)
  const last = page[limit - 1]
  return {
    records: page.slice(0, limit),
    next: page.length > limit && last ? positionOf(last) : undefined,
  }
}

/** The position between everything that arrived at `receivedAt` and everything newer: a page can end there. */
function justAfter(receivedAt: string): Position {
  return { receivedAt: new Date(Date.parse(receivedAt) + 1).toISOString(), id: '', owner: '' }
}

/** Objects that may hold matching records, by their last arrival, newest first. */
async function* newestObjects(
  bucket: R2Bucket,
  kind: RecordKind,
  filter: RecordFilter,
  isDrained: (object: LakeObject) => boolean,
): AsyncGenerator<LakeObject> {
  for (const [date, sources] of await sourcesByDate(bucket, kind, filter.source)) {
    if (filter.after && date > filter.after.receivedAt.slice(0, 10)) continue
    const objects: LakeObject[] = []
    for (const source of sources) {
      for await (const object of listObjects(bucket, kind, source, date)) {
        const isPast = filter.after && object.firstReceivedAt > filter.after.receivedAt
        if (isDrained(object) && !isPast) objects.push(object)
      }
    }
    yield* objects.sort((a, b) => (a.lastReceivedAt > b.lastReceivedAt ? -1 : 1))
  }
}

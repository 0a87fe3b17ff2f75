import {
  dayFolder,
  type LakeKey,
  lakeKey,
  parseLakeKey,
  type RecordKind,
} from '../core/lake-key.ts'
import { LAKE_LIST_LIMIT } from '../limits.ts'

/** An object of the lake and what its metadata tells without reading it. */
export interface LakeObject extends LakeKey {
  key: string
  /** Arrival of its first and last record, ISO 8601. */
  firstReceivedAt: string
  lastReceivedAt: string
}

/** What one drain writes into one object. */
export interface NewLakeObject {
  key: LakeKey
  /** NDJSON, in order, each line ended. */
  chunks: ArrayBuffer[]
  firstReceivedAt: string
  lastReceivedAt: string
}

/**
 * Writes an object unless its key is taken. A taken key means that a drain was cut off between this and its
 * commit: the rows of a key never change, so what is there is what would be written.
 */
export async function putObject(bucket: R2Bucket, object: NewLakeObject): Promise<void> {
  const zipped = new Blob(object.chunks).stream().pipeThrough(new CompressionStream('gzip'))
  await bucket.put(lakeKey(object.key), await new Response(zipped).arrayBuffer(), {
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: { contentType: 'application/gzip' },
    customMetadata: {
      firstReceivedAt: object.firstReceivedAt,
      lastReceivedAt: object.lastReceivedAt,
    },
  })
}

/** Dates of arrival that the lake has, newest first, each with its sources. */
export async function sourcesByDate(
  bucket: R2Bucket,
  kind: RecordKind,
  onlySource: string | undefined,
): Promise<[string, string[]][]> {
  const dates = new Map<string, string[]>()
  const sources =
    onlySource === undefined ? await listFolders(bucket, `${kind}/source=`) : [onlySource]
  for (const source of sources) {
    for (const date of await listFolders(bucket, `${kind}/source=${source}/date=`)) {
      dates.set(date, [...(dates.get(date) ?? []), source])
    }
  }
  return [...dates].sort(([a], [b]) => (a > b ? -1 : 1))
}

async function listFolders(bucket: R2Bucket, prefix: string): Promise<string[]> {
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await bucket.list({
      prefix,
      delimiter: '/',
      limit: LAKE_LIST_LIMIT,
      ...(cursor && { cursor }),
    })
    for (const folder of page.delimitedPrefixes) names.push(folder.slice(prefix.length, -1))
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor)
  return names
}

/** What the drain wrote for one source and date, in the order of the keys, and what else lies there. */
export interface DayListing {
  objects: LakeObject[]
  otherKeys: string[]
  /** Calls of the bucket that it took; each is billed. */
  calls: number
}

/** Lists one source and date. What is in Parquet too is among the objects until it is deleted: see `readableFiles`. */
export async function listDay(
  bucket: R2Bucket,
  kind: RecordKind,
  source: string,
  date: string,
): Promise<DayListing> {
  const listing: DayListing = { objects: [], otherKeys: [], calls: 0 }
  const prefix = dayFolder(kind, source, date)
  let cursor: string | undefined
  do {
    const page = await bucket.list({
      prefix,
      limit: LAKE_LIST_LIMIT,
      include: ['customMetadata'],
      ...(cursor && { cursor }),
    })
    listing.calls += 1
    for (const { key, customMetadata } of page.objects) {
      const parsed = parseLakeKey(key)
      const { firstReceivedAt, lastReceivedAt } = customMetadata ?? {}
      if (parsed && firstReceivedAt && lastReceivedAt) {
        listing.objects.push({ ...parsed, key, firstReceivedAt, lastReceivedAt })
      } else {
        listing.otherKeys.push(key)
      }
    }
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor)
  return listing
}

/**
 * The content of an object, inflated.
 *
 * @throws Error when the object has gone: compaction leaves it for an hour after it was replaced, so somebody removed
 * it from outside, or the reader took longer.
 */
export async function readObject(
  bucket: R2Bucket,
  key: string,
): Promise<ReadableStream<Uint8Array>> {
  const object = await bucket.get(key)
  if (!object) throw new Error(`The lake has lost ${key}.`)
  return object.body.pipeThrough(new DecompressionStream('gzip'))
}

/** The lines of an object. */
export async function readLines(bucket: R2Bucket, key: string): Promise<string[]> {
  return splitLines(await new Response(await readObject(bucket, key)).text())
}

/** The lines of an NDJSON text, the empty one after the last line break left out. */
export function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

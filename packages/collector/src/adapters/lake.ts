import {
  dayFolder,
  type LakeKey,
  lakeKey,
  parseLakeKey,
  type RecordKind,
} from '../core/lake-key.ts'
import { LAKE_LIST_LIMIT, LAKE_PUT_TIMEOUT_MS, MAX_DELETED_KEYS } from '../limits.ts'

/** An object of the lake and what its metadata tells without reading it. */
export interface LakeObject extends LakeKey {
  key: string
  /** Of its content: an erasure replaces it. */
  etag: string
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
 *
 * @throws Error when the lake refuses or does not answer; it may have written the object all the same.
 */
export async function putObject(bucket: R2Bucket, object: NewLakeObject): Promise<void> {
  const { firstReceivedAt, lastReceivedAt } = object
  const put = bucket.put(lakeKey(object.key), await gzip(object.chunks), {
    onlyIf: { etagDoesNotMatch: '*' },
    ...metadataOf({ firstReceivedAt, lastReceivedAt }),
  })
  await answerWithin(put, LAKE_PUT_TIMEOUT_MS)
}

/**
 * Puts other lines in the place of an object's, under the same key: to a reader that is one step, and a drain that is
 * repeated still finds the key taken. Its times stay as they are: bounds of what is left.
 *
 * @returns Whether the object was still what it was when it was listed.
 */
export async function replaceLines(
  bucket: R2Bucket,
  object: LakeObject,
  lines: readonly string[],
): Promise<boolean> {
  const { key, etag, firstReceivedAt, lastReceivedAt } = object
  const replaced = await bucket.put(key, await gzip([toNdjson(lines)]), {
    onlyIf: { etagMatches: etag },
    ...metadataOf({ firstReceivedAt, lastReceivedAt }),
  })
  return replaced !== null
}

function metadataOf(customMetadata: Record<string, string>): R2PutOptions {
  return { httpMetadata: { contentType: 'application/gzip' }, customMetadata }
}

function gzip(chunks: (ArrayBuffer | string)[]): Promise<ArrayBuffer> {
  const zipped = new Blob(chunks).stream().pipeThrough(new CompressionStream('gzip'))
  return new Response(zipped).arrayBuffer()
}

/** Writes NDJSON under a key of its own, unless that is taken. */
export async function putLines(
  bucket: R2Bucket,
  key: string,
  lines: readonly string[],
): Promise<void> {
  await bucket.put(key, await gzip([toNdjson(lines)]), {
    onlyIf: { etagDoesNotMatch: '*' },
    ...metadataOf({}),
  })
}

/** Lines as one text, each ended. */
export function toNdjson(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

/** Fails where a call gets no answer: a drain would wait for ever, and every later one for it. */
async function answerWithin<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const noAnswer = new Promise<never>((_, fail) => {
    const message = `The lake has not answered within ${timeoutMs} ms.`
    timer = setTimeout(() => fail(new Error(message)), timeoutMs)
  })
  // A timer that is left running would keep the Durable Object awake, which is billed.
  return await Promise.race([call, noAnswer]).finally(() => clearTimeout(timer))
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

/** Dates that a folder of the lake has of a source. */
export function listDates(bucket: R2Bucket, folder: string, source: string): Promise<string[]> {
  return listFolders(bucket, `${folder}/source=${source}/date=`)
}

/** Deletes everything below a prefix. */
export async function deleteFolder(bucket: R2Bucket, prefix: string): Promise<void> {
  for (;;) {
    const { objects } = await bucket.list({ prefix, limit: MAX_DELETED_KEYS })
    if (objects.length === 0) return
    await bucket.delete(objects.map(({ key }) => key))
  }
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
    for (const { key, etag, customMetadata } of page.objects) {
      const parsed = parseLakeKey(key)
      const { firstReceivedAt, lastReceivedAt } = customMetadata ?? {}
      if (parsed && firstReceivedAt && lastReceivedAt) {
        listing.objects.push({ ...parsed, key, etag, firstReceivedAt, lastReceivedAt })
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

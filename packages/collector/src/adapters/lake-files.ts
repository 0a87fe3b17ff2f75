import { isCompacted, type LakePart, type Manifest, parseManifest } from '../core/compaction.ts'
import { linesOf } from '../core/event-columns.ts'
import { manifestKey, type RecordKind } from '../core/lake-key.ts'
import { type LakeObject, listDay, readLines } from './lake.ts'
import { readParquet } from './parquet.ts'

/** A file that a reader reads: an object of the drain, or a Parquet file that took the place of many. */
export type LakeFile = LakeObject | LakePart

/** A manifest, and the tag of the object that holds it, `undefined` while there is none. */
export interface StoredManifest {
  manifest: Manifest | undefined
  etag: string | undefined
}

/** Whether a file is one of compaction. */
export function isPart(file: LakeFile): file is LakePart {
  return !('journal' in file)
}

/**
 * The files that hold the records of one source and date, each record in exactly one of them; a person's records are in
 * order in this order of the files.
 *
 * The listing comes first and the manifest after it: what is committed in between replaces what was listed, and what
 * was deleted in between was committed before. So nothing is read twice, and nothing is passed over.
 */
export async function readableFiles(
  bucket: R2Bucket,
  kind: RecordKind,
  source: string,
  date: string,
): Promise<LakeFile[]> {
  const { objects, otherKeys } = await listDay(bucket, kind, source, date)
  const key = manifestKey(source, date)
  if (kind !== 'events' || !otherKeys.includes(key)) return objects
  const { manifest } = await readManifest(bucket, source, date)
  if (!manifest) throw new Error(`The lake has lost ${key}.`)
  return [...manifest.parts, ...objects.filter((object) => !isCompacted(manifest, object))]
}

/** The manifest of a source and date. */
export async function readManifest(
  bucket: R2Bucket,
  source: string,
  date: string,
): Promise<StoredManifest> {
  const object = await bucket.get(manifestKey(source, date))
  if (!object) return { manifest: undefined, etag: undefined }
  return { manifest: parseManifest(await object.text()), etag: object.etag }
}

/** Writes a manifest in place of the one that `etag` names, or of none. `undefined` when another was written meanwhile. */
export async function replaceManifest(
  bucket: R2Bucket,
  source: string,
  date: string,
  manifest: Manifest,
  etag: string | undefined,
): Promise<StoredManifest | undefined> {
  const written = await bucket.put(manifestKey(source, date), JSON.stringify(manifest), {
    onlyIf: etag === undefined ? { etagDoesNotMatch: '*' } : { etagMatches: etag },
    httpMetadata: { contentType: 'application/json' },
  })
  return written ? { manifest, etag: written.etag } : undefined
}

/**
 * The lines of a file, some thousands at a time.
 *
 * @throws Error when the file has gone.
 */
export async function* fileLines(bucket: R2Bucket, file: LakeFile): AsyncGenerator<string[]> {
  if (!isPart(file)) {
    yield await readLines(bucket, file.key)
    return
  }
  const object = await bucket.get(file.key)
  if (!object) throw new Error(`The lake has lost ${file.key}.`)
  for await (const table of readParquet(await object.arrayBuffer())) yield linesOf(table)
}

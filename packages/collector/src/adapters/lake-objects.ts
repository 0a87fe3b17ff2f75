import { LAKE_LIST_LIMIT } from '../limits.ts'

/** A file of the lake as it lies there. */
export interface LakeEntry {
  key: string
  bytes: number
  etag: string
}

/** One page of all files whose keys begin with a prefix, in the order of the keys. `cursor` is null at the end. */
export async function listLake(
  bucket: R2Bucket,
  prefix: string,
  after: string | undefined,
): Promise<{ objects: LakeEntry[]; cursor: string | null }> {
  const page = await bucket.list({
    prefix,
    limit: LAKE_LIST_LIMIT,
    ...(after !== undefined && { startAfter: after }),
  })
  const objects = page.objects.map(({ key, size, etag }) => ({ key, bytes: size, etag }))
  return { objects, cursor: page.truncated ? (objects.at(-1)?.key ?? null) : null }
}

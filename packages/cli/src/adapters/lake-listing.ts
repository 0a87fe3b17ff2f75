import type { Connection } from '../connection.ts'
import { readApi } from './collector-api.ts'

/** A file of the lake. */
export interface LakeObject {
  key: string
  bytes: number
  etag: string
}

/** Every file of the lake under a prefix, as the collector lists them. */
export async function* listLake(
  connection: Connection,
  prefix: string,
): AsyncGenerator<LakeObject> {
  let cursor: string | undefined
  do {
    const page = await readApi<{ objects: LakeObject[]; cursor?: string | null }>(
      connection,
      '/api/lake',
      { query: { prefix, cursor } },
    )
    yield* page.objects
    cursor = page.cursor ?? undefined
  } while (cursor)
}

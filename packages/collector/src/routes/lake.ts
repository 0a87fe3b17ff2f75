import type { Context } from 'hono'
import { listLake } from '../adapters/lake-objects.ts'
import { errorAnswer } from '../answers.ts'
import type { CollectorEnv } from '../env.ts'
import { MAX_LAKE_KEY_BYTES } from '../limits.ts'
import { readQuery } from './query.ts'

type LakeContext = Context<{ Bindings: CollectorEnv }>

/** `GET /api/lake`: the files of the lake, `{ objects: [{ key, bytes, etag }], cursor }`, so that they can be copied to where SQL reads them. */
export async function listFiles(context: LakeContext): Promise<Response> {
  const query = readQuery(context, ['prefix', 'cursor'])
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const { prefix = '', cursor } = query.value
  return Response.json(await listLake(context.env.LAKE, prefix, cursor))
}

/** `GET /api/lake/<key>`: one file as it lies there. */
export async function readFile(context: LakeContext): Promise<Response> {
  const key = context.req.param('key') ?? ''
  const isPossible = new TextEncoder().encode(key).length <= MAX_LAKE_KEY_BYTES
  const object = isPossible ? await context.env.LAKE.get(key) : null
  if (!object) return errorAnswer(404, 'not_found', 'The lake has no such file.')
  return new Response(object.body, {
    headers: {
      'content-type': object.httpMetadata?.contentType ?? 'application/octet-stream',
      etag: object.httpEtag,
    },
  })
}

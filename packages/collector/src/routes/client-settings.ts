import type { Context } from 'hono'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import { rudderSettings, segmentSettings } from '../core/client-settings.ts'
import { keysInRequest } from '../core/write-key.ts'

/** Clients ask at every start; a change of configuration reaches them within this time. */
const CACHE = { 'cache-control': 'public, max-age=300' }

/** `GET /v1/projects/:writeKey/settings`, for Segment's SDKs. */
export function serveSegmentSettings(context: Context, config: ResolvedConfig): Response {
  const writeKey = context.req.param('writeKey') ?? ''
  const source = config.keys.get(writeKey)?.source
  if (!source) return unknownKey()
  // analytics-next sends nothing without settings; with some that name no place it would send to Segment.
  if (source.enabled === false) {
    return errorAnswer(404, 'source_disabled', 'The source takes no events now.')
  }
  const { host, protocol } = new URL(context.req.url)
  return Response.json(segmentSettings(writeKey, host, protocol.replace(':', '')), {
    headers: CACHE,
  })
}

/** `GET /sourceConfig`, for RudderStack's browser SDK. */
export function serveRudderSettings(context: Context, config: ResolvedConfig): Response {
  const { url, headers } = context.req.raw
  const candidates = keysInRequest((name) => headers.get(name), new URL(url).searchParams)
  const known = candidates.find(({ key }) => config.keys.has(key))
  const source = known && config.keys.get(known.key)?.source
  if (!source) return unknownKey()
  return Response.json(rudderSettings(source, known.key), { headers: CACHE })
}

function unknownKey(): Response {
  return errorAnswer(404, 'unknown_write_key', 'No source has this write key.')
}

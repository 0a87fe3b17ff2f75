import type { EventType } from '@tributary/protocol'

/** What a path takes: one event of a type, one that says its type itself (Jitsu's `event`), or a batch of any. */
export type IngestKind = EventType | 'event' | 'batch'

/** The type that a path names for the events sent to it. */
export function impliedType(kind: IngestKind): EventType | undefined {
  return kind === 'batch' || kind === 'event' ? undefined : kind
}

/** Every name of every call: Segment's long paths, the short ones its SDKs use, and `import`, its older batch. */
export const INGEST_KINDS: Readonly<Record<string, IngestKind>> = {
  track: 'track',
  t: 'track',
  identify: 'identify',
  i: 'identify',
  page: 'page',
  p: 'page',
  screen: 'screen',
  s: 'screen',
  group: 'group',
  g: 'group',
  alias: 'alias',
  a: 'alias',
  event: 'event',
  e: 'event',
  batch: 'batch',
  b: 'batch',
  import: 'batch',
  'batch/b': 'batch',
}

/** What may stand before a name: Segment's `/v1` or nothing, Jitsu's browser and server paths, RudderStack's beacon. */
export const INGEST_PREFIXES = ['/v1', '', '/api/s', '/api/s/s2s', '/beacon/v1'] as const

/** Where Segment's and RudderStack's SDKs report about themselves. Taken and thrown away: an error would be retried. */
export const METRICS_PATHS = ['/v1/m', '/m', '/v1/metrics', '/rsaMetrics'] as const

/** Where an image asks with an event in its address: Segment's, RudderStack's and Jitsu's paths. */
export const PIXEL_PATHS = [
  '/v1/pixel/:type',
  '/pixel/:type',
  '/pixel/v1/:type',
  '/api/px/:type',
] as const

/** Where other services send what happened in them, in whatever shape. */
export const WEBHOOK_PATHS = ['/v1/webhook', '/webhook'] as const

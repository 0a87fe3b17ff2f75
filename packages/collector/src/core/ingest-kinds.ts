import type { EventType } from '@tributary/protocol'

/** What a path takes: one event of a type, or a batch of any. */
export type IngestKind = EventType | 'batch'

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
  batch: 'batch',
  b: 'batch',
  import: 'batch',
}

import type { PreviousStream } from '@tributary/protocol'
import { dedupeBucket } from '../core/dedupe-bucket.ts'
import { idHash } from '../core/fingerprint.ts'
import { NO_STREAM, unpackPrints } from '../core/packed-prints.ts'
import {
  type StreamCounts,
  type StreamNews,
  type StreamTotals,
  takeNews,
} from '../core/stream-counts.ts'
import { MAX_FINGERPRINTS_PER_ROW } from '../limits.ts'
import type { JournalStatements, RowSummary } from './journal-sql.ts'

/** Number of the shard whose journal keeps the account of all. */
export const ACCOUNT_SHARD = 0

/** What some rows of a journal tell of streams, by source and stream. */
export type DeliveryNews = Map<string, Map<string, StreamCounts>>

/** Rows of one journal on their way into the account. */
export interface DeliveryReport {
  /** Name of the journal, and its rows: after, up to and with. */
  journal: string
  after: number
  through: number
  news: DeliveryNews
}

/** Sums up what the rows tell. The streams of one process are spread over all shards, so that no shard alone knows a loss. */
export function deliveryNews(rows: Iterable<RowSummary>): DeliveryNews {
  const news: DeliveryNews = new Map()
  for (const { source, prints, streams } of rows) {
    const [names, ended] = JSON.parse(streams) as [string[], PreviousStream[]]
    for (const { stream, seq } of unpackPrints(prints)) {
      if (stream !== NO_STREAM) tell(news, source, names[stream] as string, seq + 1, 1)
    }
    for (const { stream, lastSeq } of ended) tell(news, source, stream, lastSeq + 1, 0)
  }
  return news
}

function tell(
  news: DeliveryNews,
  source: string,
  stream: string,
  created: number,
  received: number,
): void {
  const streams = news.get(source) ?? new Map<string, StreamCounts>()
  const counts = streams.get(stream) ?? { created: 0, received: 0 }
  counts.created = Math.max(counts.created, created)
  counts.received += received
  news.set(source, streams.set(stream, counts))
}

/** Writes news into the packed counts and adds to the totals, in place. SQL only: part of the caller's commit. */
export function account(
  statements: JournalStatements,
  news: DeliveryNews,
  totals: Record<string, StreamTotals>,
): void {
  for (const [source, streams] of news) {
    totals[source] ??= { streams: 0, created: 0, received: 0 }
    const all = [...streams].map(([stream, counts]): StreamNews & { bucket: number } => {
      const id = idHash(source, stream).toBigInt()
      return { ...counts, id, bucket: dedupeBucket(stream, undefined, id) }
    })
    for (const [bucket, inBucket] of Map.groupBy(all, (item) => item.bucket)) {
      const before = statements.packedParts('streamCounts', bucket)
      const after = takeNews(before, inBucket, totals[source], MAX_FINGERPRINTS_PER_ROW)
      statements.putPackedParts('streamCounts', bucket, before, after)
    }
  }
}

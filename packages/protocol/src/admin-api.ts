import type { Json, JsonObject } from './json.ts'

/** Spans that time series are kept for. */
export type SeriesRange = 'hour' | 'day' | 'month'

/** What `GET /api/series` answers: time series of a range. Every list has one figure a step, the last one unfinished. */
export interface SeriesAnswer {
  range: SeriesRange
  stepMs: number
  /** Beginning of each step, milliseconds since 1970. */
  times: number[]
  /** Stored events by source, and by type. */
  accepted: Record<string, number[]>
  types: Record<string, number[]>
  duplicates: number[]
  /** Refused records by code. */
  rejected: Record<string, number[]>
  /** Milliseconds from the arrival of a request to its events being durable; `null` where there was none. */
  latency: { p50: (number | null)[]; p95: (number | null)[] }
  /** Events that clients have told of in the step, and that have arrived. */
  created: number[]
  received: number[]
  /** Most bytes that waited in each journal. */
  backlog: Record<string, number[]>
  /** Billable operations by kind. */
  operations: Record<string, number[]>
}

/** What `GET /api/stats` answers. */
export interface StatsAnswer {
  sources: Record<string, SourceTotals>
  /** By source: what clients that count their events have made, and what became of it. */
  deliveries: Record<string, DeliveryTotals>
  shards: ShardStats[]
  profiles: ProfileShardStats[]
  /** Billed operations by kind. */
  operations: Record<string, number>
}

/** What a source has sent since the beginning. */
export interface SourceTotals {
  accepted: number
  /** Deliveries of what was stored already. */
  duplicates: number
  /** Events of people who have objected: acknowledged, and not kept. Absent while there are none. */
  suppressed?: number
  /** Refused records by code. */
  quarantined: Record<string, number>
}

/** The delivery streams of a source together. */
export interface DeliveryTotals {
  streams: number
  /** Events that the clients have made. */
  created: number
  /** Of these, those that have arrived, each once. */
  received: number
  duplicated: number
  /** What was created and has not arrived: on its way, or lost. */
  missing: number
}

/** What waits in one journal. */
export interface ShardStats {
  shard: number
  /** Name of the journal; `null` before its first append. */
  journal: string | null
  backlogRows: number
  backlogBytes: number
  /** Age of the oldest record that is not in the lake; `null` when none is waiting. */
  oldestAgeMs: number | null
  /** Rows that could not be turned into objects of the lake. */
  setAsideRows: number
  /** Rows that the profiles do not have yet, and days of the lake that they have to read for rows that are gone. */
  unprofiledRows: number
  unprofiledDays: number
}

/** One shard of the profiles. */
export interface ProfileShardStats {
  shard: number
  /** Events taken in. */
  events: number
  /** Messages that wait for other shards. */
  outgoingRows: number
}

/** What `POST /api/quarantine/replay` answers. */
export interface ReplayAnswer {
  /** Records. */
  examined: number
  /** Events. In a preview, those that would be stored unless they are duplicates. */
  stored: number
  duplicates: number
  /** Events by the code that they are refused with today. */
  stillRejected: Record<string, number>
  /** Records that hold only the beginning of what was sent. */
  notReplayable: number
  /** In a preview, the first events that would be stored, as they were sent, with the id of their record. */
  samples?: { id: string; event: unknown }[]
  /** Where to go on; `null` at the end. */
  cursor: string | null
}

/** Something that was refused, kept with the reason and what was sent; a line of `GET /api/quarantine`. */
export interface QuarantineRecord extends JsonObject {
  /** Derived from source, reason and payload: the same refusal twice is kept once. */
  id: string
  source: string
  /** ISO 8601. */
  receivedAt: string
  code: string
  message: string
  /** The event as it came (with the envelope's `context` merged), or text where it could not be kept as JSON. */
  payload: Json
  /** Present when `payload` is only the beginning of what was sent. */
  truncated?: true
}

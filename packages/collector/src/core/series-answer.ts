import { addSums, latencyAt, RANGES, type SeriesRange, type Sums } from './series.ts'

/** Time series of a range, as `GET /api/series` answers. Every list has one figure a step, the last one unfinished. */
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

/** Puts together what the journals have; `shards` in their order, each its sums by step. */
export function seriesAnswer(
  range: SeriesRange,
  nowMs: number,
  shards: readonly Readonly<Record<string, Sums>>[],
): SeriesAnswer {
  const { stepMs, steps } = RANGES[range]
  const last = Math.floor(nowMs / stepMs)
  const slots = Array.from({ length: steps }, (_, index) => last - steps + 1 + index)
  const sums = slots.map((slot) => {
    const all: Sums = {}
    for (const shard of shards) addSums(all, shard[slot] ?? {})
    return all
  })
  const backlog = shards.map((shard, index) => [
    String(index),
    slots.map((slot) => shard[slot]?.backlogBytes ?? 0),
  ])
  return {
    range,
    stepMs,
    times: slots.map((slot) => slot * stepMs),
    accepted: listsOf(sums, 'accepted'),
    types: listsOf(sums, 'types'),
    duplicates: sums.map(({ duplicates = 0 }) => duplicates),
    rejected: listsOf(sums, 'rejected'),
    latency: {
      p50: sums.map(({ latency }) => latencyAt(latency, 0.5)),
      p95: sums.map(({ latency }) => latencyAt(latency, 0.95)),
    },
    created: sums.map(({ created = 0 }) => created),
    received: sums.map(({ received = 0 }) => received),
    backlog: Object.fromEntries(backlog),
    operations: listsOf(sums, 'operations'),
  }
}

/** Counts by name as one list a name. */
function listsOf(
  sums: readonly Sums[],
  field: 'accepted' | 'types' | 'rejected' | 'operations',
): Record<string, number[]> {
  const names = new Set(sums.flatMap((sum) => Object.keys(sum[field] ?? {})))
  return Object.fromEntries(
    [...names]
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => [name, sums.map((sum) => sum[field]?.[name] ?? 0)]),
  )
}

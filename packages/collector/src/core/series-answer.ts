import type { SeriesAnswer, SeriesRange } from '@tributary/protocol'
import { addSums, latencyAt, RANGES, type Sums } from './series.ts'

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

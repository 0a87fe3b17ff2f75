import type { SeriesRange } from '@tributary/protocol'

/** What happened in a stretch of time. Counts add up; absent ones are zero. */
export interface Sums {
  /** Stored events by source, and by type. */
  accepted?: Record<string, number>
  types?: Record<string, number>
  duplicates?: number
  /** Refused records by code. */
  rejected?: Record<string, number>
  /** Requests by the time from arrival to their events being durable; counts in `LATENCY_BOUNDS_MS`, the last beyond. */
  latency?: number[]
  /** Billable operations by kind. */
  operations?: Record<string, number>
  /** Events that clients have told of, and that have arrived of these. */
  created?: number
  received?: number
  /** Most that waited for the drain at a time. */
  backlogBytes?: number
}

/** Stretches that time is cut into: how long each is, and how many of the last are kept. */
export const RANGES = {
  hour: { stepMs: 60_000, steps: 60 },
  day: { stepMs: 15 * 60_000, steps: 96 },
  month: { stepMs: 6 * 3_600_000, steps: 124 },
} as const satisfies Record<SeriesRange, object>

/** Sums by stretch, counted in steps since 1970. Never more than 280: the oldest go. */
export type Series = Record<SeriesRange, Record<string, Sums>>

/** Upper bounds of what latencies are counted in, milliseconds. */
export const LATENCY_BOUNDS_MS = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

/** Sources that a stretch tells apart; further ones are counted as `other`. */
const MAX_SOURCES = 20

/** No sums yet. */
export function emptySeries(): Series {
  return { hour: {}, day: {}, month: {} }
}

/** Adds sums at a time, in place; what is older than a range is left out of it. */
export function addToSeries(series: Series, atMs: number, sums: Sums): void {
  if (Object.keys(sums).length === 0) return
  for (const [range, { stepMs, steps }] of Object.entries(RANGES)) {
    const slots = series[range as SeriesRange]
    const slot = Math.floor(atMs / stepMs)
    if (!slots[slot] && !makeRoom(slots, slot, steps)) continue
    slots[slot] ??= {}
    addSums(slots[slot], sums)
  }
}

/** Lets go of what is older than the range, now that there is another step. @returns Whether that is not too old itself. */
function makeRoom(slots: Record<string, Sums>, slot: number, steps: number): boolean {
  const known = Object.keys(slots).map(Number)
  const oldest = Math.max(slot, ...known) - steps + 1
  for (const old of known) if (old < oldest) delete slots[old]
  return slot >= oldest
}

/** Adds `more` to `sums`, in place. */
export function addSums(sums: Sums, more: Sums): void {
  for (const name of ['types', 'rejected', 'operations'] as const) {
    if (more[name]) sums[name] = addCounts(sums[name] ?? {}, more[name])
  }
  if (more.accepted) sums.accepted = addCounts(sums.accepted ?? {}, more.accepted, MAX_SOURCES)
  for (const name of ['duplicates', 'created', 'received'] as const) {
    if (more[name]) sums[name] = (sums[name] ?? 0) + more[name]
  }
  if (more.latency) sums.latency = addLists(sums.latency, more.latency)
  if (more.backlogBytes) sums.backlogBytes = Math.max(sums.backlogBytes ?? 0, more.backlogBytes)
}

/** Adds counts by name, in place; a name beyond `maxNames` is counted as `other`. */
export function addCounts(
  counts: Record<string, number>,
  more: Readonly<Record<string, number>>,
  maxNames = Number.POSITIVE_INFINITY,
): Record<string, number> {
  for (const [name, count] of Object.entries(more)) {
    if (count === 0) continue
    const isRoom = name in counts || Object.keys(counts).length < maxNames
    const key = isRoom ? name : 'other'
    counts[key] = (counts[key] ?? 0) + count
  }
  return counts
}

/** Sums of two lists of counts, place by place. */
export function addLists(a: readonly number[] = [], b: readonly number[] = []): number[] {
  const length = Math.max(a.length, b.length)
  return Array.from({ length }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0))
}

/** Counts latencies in `LATENCY_BOUNDS_MS`. */
export function countLatencies(latenciesMs: readonly number[]): number[] {
  const counts = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0)
  for (const latency of latenciesMs) {
    const found = LATENCY_BOUNDS_MS.findIndex((bound) => latency <= bound)
    const place = found < 0 ? LATENCY_BOUNDS_MS.length : found
    counts[place] = (counts[place] ?? 0) + 1
  }
  return counts
}

/** The latency that a part (0 to 1) of the requests is within, spread evenly inside a bound; `null` without requests. */
export function latencyAt(counts: readonly number[] | undefined, part: number): number | null {
  const total = counts?.reduce((sum, count) => sum + count, 0) ?? 0
  if (!counts || total === 0) return null
  let left = part * total
  for (const [index, count] of counts.entries()) {
    const from = LATENCY_BOUNDS_MS[index - 1] ?? 0
    const to = LATENCY_BOUNDS_MS[index] ?? from
    if (left <= count) return Math.round(from + ((to - from) * left) / Math.max(count, 1))
    left -= count
  }
  return LATENCY_BOUNDS_MS.at(-1) ?? null
}

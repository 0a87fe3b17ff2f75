import type { EventReceipt } from './receipt.ts'

/** A serialised event that waits for its outcome. */
export interface Entry {
  messageId: string
  json: string
  /** UTF-8 bytes of `json`. */
  bytes: number
  /** Which of the lanes its user has; see {@link laneOf}. */
  lane: number
  /** Place in the order of all that came into memory. */
  order: number
  /** When it was queued, on the monotonic clock, milliseconds. */
  queuedAtMs: number
  /** Who waits for its outcome; absent for an event of an earlier run. */
  receipt: EventReceipt | undefined
  /** Where the log has it, if there is a log. */
  ref: object | undefined
}

/** Bounds of what {@link Lanes.take} takes. */
interface TakeLimits {
  maxEvents: number
  /** Most bytes of events, one separator byte each included. An event that alone exceeds it comes by itself. */
  maxBytes: number
}

/** Entries taken, in order, and the lanes that are held until {@link Lanes.release}. */
export interface Taken {
  entries: Entry[]
  lanes: number[]
}

/**
 * Events in memory that are not being sent, in lanes by user. While some of a lane's events are on
 * their way, the lane is held, so that nobody's events overtake each other; the other lanes go on.
 */
export interface Lanes {
  /** Entries in lanes that nobody holds. */
  readonly free: number
  /** Their bytes. */
  readonly freeBytes: number
  push(entry: Entry): void
  /** The oldest entry in a lane that nobody holds. */
  oldestFree(): Entry | undefined
  /** The first entry of each lane that has any. */
  heads(): Entry[]
  /** Takes the oldest entries out of free lanes, and holds those lanes. Nothing when there are none. */
  take(limits: TakeLimits): Taken | undefined
  release(lanes: readonly number[]): void
  /** Takes out the entries at the front of lanes for which this is true, held or not. */
  shiftWhile(isGone: (entry: Entry) => boolean): Entry[]
}

/** Enough that users seldom share one, few enough to look at all of them for each request. */
const LANES = 64

/** The lane of a user: FNV-1a over the characters of the id. */
export function laneOf(user: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < user.length; i++) hash = Math.imul(hash ^ user.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) & (LANES - 1)
}

interface Lane {
  entries: (Entry | undefined)[]
  /** Entries before it have left. `shift` moves the whole array once it is large; a moving start and a rare cut are O(1). */
  start: number
  bytes: number
  isHeld: boolean
}

/** Lanes without entries. */
export function createLanes(): Lanes {
  const lanes: Lane[] = Array.from({ length: LANES }, () => {
    return { entries: [], start: 0, bytes: 0, isHeld: false }
  })
  let free = 0
  let freeBytes = 0

  /** Counts a lane's entries among those that nobody holds, or no longer. */
  function count(lane: Lane, sign: 1 | -1): void {
    free += sign * sizeOf(lane)
    freeBytes += sign * lane.bytes
  }

  return {
    get free() {
      return free
    },
    get freeBytes() {
      return freeBytes
    },
    push(entry) {
      const lane = lanes[entry.lane] as Lane
      lane.entries.push(entry)
      lane.bytes += entry.bytes
      if (lane.isHeld) return
      free++
      freeBytes += entry.bytes
    },
    oldestFree() {
      let oldest: Entry | undefined
      for (const lane of lanes) {
        const head = lane.isHeld ? undefined : lane.entries[lane.start]
        if (head && (!oldest || head.order < oldest.order)) oldest = head
      }
      return oldest
    },
    heads: () => lanes.flatMap((lane) => lane.entries[lane.start] ?? []),
    take(limits) {
      const waiting = lanes.filter((lane) => !lane.isHeld && sizeOf(lane) > 0).sort(byHead)
      const taken: Taken = { entries: [], lanes: [] }
      let bytes = 0
      for (const lane of waiting) {
        const fitting = countWithin(lane, limits, taken.entries.length, bytes)
        if (fitting === 0) break
        count(lane, -1)
        lane.isHeld = true
        taken.lanes.push(lanes.indexOf(lane))
        for (const entry of cut(lane, fitting)) {
          taken.entries.push(entry)
          bytes += entry.bytes + 1
        }
        if (sizeOf(lane) > 0) break
      }
      if (taken.lanes.length > 1) taken.entries.sort((a, b) => a.order - b.order)
      return taken.lanes.length > 0 ? taken : undefined
    },
    release(held) {
      for (const index of held) {
        const lane = lanes[index] as Lane
        lane.isHeld = false
        count(lane, 1)
      }
    },
    shiftWhile(isGone) {
      const gone: Entry[] = []
      for (const lane of lanes) {
        const atFront = countWhile(lane, isGone)
        if (atFront === 0) continue
        if (!lane.isHeld) count(lane, -1)
        for (const entry of cut(lane, atFront)) gone.push(entry)
        if (!lane.isHeld) count(lane, 1)
      }
      return gone
    },
  }
}

function sizeOf({ entries, start }: Lane): number {
  return entries.length - start
}

function byHead(a: Lane, b: Lane): number {
  return (a.entries[a.start]?.order ?? 0) - (b.entries[b.start]?.order ?? 0)
}

/** How many entries at the front of a lane this is true for. */
function countWhile({ entries, start }: Lane, isTrue: (entry: Entry) => boolean): number {
  let end = start
  while (end < entries.length && isTrue(entries[end] as Entry)) end++
  return end - start
}

/** How many of a lane's entries fit into a batch of `events` events and `bytes` bytes so far. */
function countWithin(lane: Lane, limits: TakeLimits, events: number, bytes: number): number {
  const most = Math.min(sizeOf(lane), limits.maxEvents - events)
  let count = 0
  let sum = bytes
  while (count < most) {
    sum += (lane.entries[lane.start + count] as Entry).bytes + 1
    if (sum > limits.maxBytes && events + count > 0) break
    count++
  }
  return count
}

/** Takes the first `count` entries out of a lane. */
function cut(lane: Lane, count: number): Entry[] {
  const end = lane.start + count
  const out = lane.entries.slice(lane.start, end) as Entry[]
  for (const { bytes } of out) lane.bytes -= bytes
  if (end > lane.entries.length / 2) {
    lane.entries = lane.entries.slice(end)
    lane.start = 0
  } else {
    // Let go of, so that they can be collected before the cut.
    lane.entries.fill(undefined, lane.start, end)
    lane.start = end
  }
  return out
}

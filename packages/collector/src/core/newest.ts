import {
  matchesFilter,
  newestFirst,
  type Position,
  positionOf,
  type RecordFilter,
  type StoredRecord,
} from './record.ts'

/** A record as its line of JSON, and its place in the order. */
export interface Listed {
  line: string
  position: Position
}

/** The newest records so far. */
export interface Newest {
  /** Newest first. */
  records: Listed[]
  /** Present when records were left out: all that are older than this one. */
  floor: Position | undefined
}

/** How much a listing may hold: so many records, and so many UTF-16 units of their lines, but always one record. */
export interface ListingBounds {
  limit: number
  maxLength: number
}

/** Nothing yet. */
export const NOTHING: Newest = { records: [], floor: undefined }

/** Adds records, and leaves out the oldest of all where there is no room. */
export function addNewest(
  { records, floor }: Newest,
  more: readonly Listed[],
  { limit, maxLength }: ListingBounds,
): Newest {
  const wanted = floor ? more.filter(({ position }) => newestFirst(position, floor) < 0) : more
  const all = [...records, ...wanted].sort((a, b) => newestFirst(a.position, b.position))
  let length = 0
  let count = 0
  for (const { line } of all) {
    length += line.length
    if (count >= limit || (count > 0 && length > maxLength)) break
    count += 1
  }
  const kept = all.slice(0, count)
  return { records: kept, floor: count < all.length ? kept.at(-1)?.position : floor }
}

/** Leaves out what is older than a position, as if there had been no room for it. */
export function raiseFloor({ records, floor }: Newest, to: Position): Newest {
  if (floor && newestFirst(floor, to) <= 0) return { records, floor }
  return {
    records: records.filter(({ position }) => newestFirst(position, to) <= 0),
    floor: to,
  }
}

/** The lines that match, in their order. */
export function selectLines(lines: readonly string[], filter: RecordFilter): Listed[] {
  const needle = filter.messageId === undefined ? '' : JSON.stringify(filter.messageId)
  return lines
    .filter((line) => line.includes(needle))
    .map((line) => ({ line, record: JSON.parse(line) as StoredRecord }))
    .filter(({ record }) => matchesFilter(record, filter))
    .map(({ line, record }) => ({ line, position: positionOf(record) }))
}

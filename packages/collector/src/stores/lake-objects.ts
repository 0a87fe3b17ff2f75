import type { NewLakeObject } from '../adapters/lake.ts'
import type { RecordKind } from '../core/lake-key.ts'
import type { JournalRow } from './journal-sql.ts'

const KINDS = ['events', 'quarantine'] as const satisfies RecordKind[]

/** Objects to write, and the rows that could not be turned into any. */
export interface DrainPlan {
  objects: NewLakeObject[]
  /** Their numbers. */
  unreadable: number[]
}

/**
 * The lake objects for a range of rows: one for each kind, source and date of arrival in it. The range is in the
 * keys, so equal rows and range give equal objects. A row that cannot be read costs itself alone.
 */
export function groupForLake(
  rows: Iterable<JournalRow>,
  journal: string,
  from: number,
  to: number,
): DrainPlan {
  const objects = new Map<string, NewLakeObject>()
  const unreadable: number[] = []
  for (const row of rows) {
    const times = arrivalOf(row)
    if (!times) {
      unreadable.push(row.seq)
      continue
    }
    const date = times.first.slice(0, 10)
    for (const kind of KINDS) {
      if (row[kind].byteLength === 0) continue
      const group = [kind, row.source, date].join('/')
      const object = objects.get(group) ?? {
        key: { kind, source: row.source, date, journal, from, to },
        chunks: [],
        firstReceivedAt: times.first,
        lastReceivedAt: times.last,
      }
      objects.set(group, object)
      object.chunks.push(row[kind])
      if (times.first < object.firstReceivedAt) object.firstReceivedAt = times.first
      if (times.last > object.lastReceivedAt) object.lastReceivedAt = times.last
    }
  }
  return { objects: [...objects.values()], unreadable }
}

/** First and last arrival as ISO 8601; `undefined` for times that are none. */
function arrivalOf(row: JournalRow): { first: string; last: string } | undefined {
  try {
    return {
      first: new Date(row.firstReceivedAt).toISOString(),
      last: new Date(row.lastReceivedAt).toISOString(),
    }
  } catch {
    return undefined
  }
}

import type { NewLakeObject } from '../adapters/lake.ts'
import type { RecordKind } from '../core/lake-key.ts'
import type { JournalRow } from './journal-sql.ts'

/**
 * The lake objects for a range of rows: one for each kind, source and date of arrival in it. The range is in the
 * keys, so equal rows and range give equal objects.
 */
export function groupForLake(
  rows: Iterable<JournalRow>,
  journal: string,
  from: number,
  to: number,
): NewLakeObject[] {
  const objects = new Map<string, NewLakeObject>()
  for (const row of rows) {
    const receivedAt = new Date(row.receivedAt).toISOString()
    for (const kind of ['events', 'quarantine'] as const satisfies RecordKind[]) {
      if (row[kind].byteLength === 0) continue
      const date = receivedAt.slice(0, 10)
      const group = [kind, row.source, date].join('/')
      const object = objects.get(group) ?? {
        key: { kind, source: row.source, date, journal, from, to },
        chunks: [],
        firstReceivedAt: receivedAt,
        lastReceivedAt: receivedAt,
      }
      object.chunks.push(row[kind])
      if (receivedAt < object.firstReceivedAt) object.firstReceivedAt = receivedAt
      if (receivedAt > object.lastReceivedAt) object.lastReceivedAt = receivedAt
      objects.set(group, object)
    }
  }
  return [...objects.values()]
}

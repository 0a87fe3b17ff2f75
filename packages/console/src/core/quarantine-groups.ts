import type { Json, QuarantineRecord } from '@tributary/protocol'

/** What was refused for one reason by one source, newest first. */
export interface QuarantineGroup {
  code: string
  source: string
  records: QuarantineRecord[]
  newest: string
}

/** The groups, the largest first. */
export function groupRecords(records: readonly QuarantineRecord[]): QuarantineGroup[] {
  const groups = new Map<string, QuarantineGroup>()
  for (const record of records) {
    const { code, source, receivedAt } = record
    const key = `${code} ${source}`
    const group = groups.get(key) ?? { code, source, records: [], newest: receivedAt }
    group.records.push(record)
    if (receivedAt > group.newest) group.newest = receivedAt
    groups.set(key, group)
  }
  return [...groups.values()].sort((a, b) => b.records.length - a.records.length)
}

/** Short for a payload: the names of what it is, and else its first characters. */
export function summaryOf(payload: Json): string {
  const text = JSON.stringify(payload) ?? ''
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

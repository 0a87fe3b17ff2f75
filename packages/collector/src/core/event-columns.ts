import { membersOf } from './json-members.ts'

/** Columns of text. A field that is not a string, or one that UTF-8 cannot hold, stands in `rest` instead. */
const TEXT_COLUMNS = [
  'messageId',
  'type',
  'source',
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
  'event',
  'name',
  'category',
  'originalTimestamp',
  'sentAt',
] as const

/** Columns of time, in milliseconds, UTC. What is not written as `Date.toISOString` writes it stands in `rest`. */
const TIME_COLUMNS = ['timestamp', 'receivedAt'] as const

/** Columns of JSON text, as it stands in the event. */
const JSON_COLUMNS = ['context', 'properties', 'traits', 'integrations', '_tributary'] as const

/** JSON of an object with every field that no other column holds. */
const REST = 'rest'

type Form = 'text' | 'time' | 'json'

/** The columns of an event in Parquet, in order, and what each holds. */
export const EVENT_COLUMNS: readonly { name: string; form: Form }[] = [
  ...TEXT_COLUMNS.map((name) => ({ name, form: 'text' as const })),
  ...TIME_COLUMNS.map((name) => ({ name, form: 'time' as const })),
  ...[...JSON_COLUMNS, REST].map((name) => ({ name, form: 'json' as const })),
]

/** Values by column and row; times as ISO 8601, JSON as text; `null` where an event has no such field. */
export type EventTable = Map<string, (string | null)[]>

/** A table without rows. */
export function emptyTable(): EventTable {
  return new Map(EVENT_COLUMNS.map(({ name }) => [name, []]))
}

/** Adds an event, given as its line of NDJSON, as the last row. */
export function addRow(table: EventTable, line: string): void {
  const members = membersOf(line)
  // A field of the client's that happens to be called so is one of the rest.
  const rest: string[] = []
  for (const { name, form } of EVENT_COLUMNS) {
    if (name === REST) continue
    const json = members.get(name)
    const value = json === undefined ? undefined : READ[form](json)
    table.get(name)?.push(value ?? null)
    if (value !== undefined) members.delete(name)
  }
  for (const [name, json] of members) rest.push(`${JSON.stringify(name)}:${json}`)
  table.get(REST)?.push(rest.length === 0 ? null : `{${rest.join(',')}}`)
}

/** The value of a field as a column of each form holds it; `undefined` where it cannot. */
const READ: Record<Form, (json: string) => string | undefined> = {
  text(json) {
    if (!json.startsWith('"')) return undefined
    const text = JSON.parse(json) as string
    return text.isWellFormed() ? text : undefined
  },
  time(json) {
    if (!json.startsWith('"')) return undefined
    const text = JSON.parse(json) as string
    const ms = Date.parse(text)
    return !Number.isNaN(ms) && new Date(ms).toISOString() === text ? text : undefined
  },
  json: (json) => json,
}

/** The events of a table as lines of NDJSON: equal to those it was made of, field for field, the fields in another order. */
export function linesOf(table: EventTable): string[] {
  const columns = EVENT_COLUMNS.map(({ name, form }) => ({
    key: `${JSON.stringify(name)}:`,
    isRest: name === REST,
    isJson: form === 'json',
    values: table.get(name) ?? [],
  }))
  const rows = columns[0]?.values.length ?? 0
  return Array.from({ length: rows }, (_, row) => {
    const members: string[] = []
    for (const { key, isRest, isJson, values } of columns) {
      const value = values[row]
      if (value === null || value === undefined) continue
      if (isRest) members.push(value.slice(1, -1))
      else members.push(key + (isJson ? value : JSON.stringify(value)))
    }
    return `{${members.join(',')}}`
  })
}

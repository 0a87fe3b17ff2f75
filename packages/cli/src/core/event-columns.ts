import type { Json, JsonObject } from '@tributary/protocol'

/** Columns of an exported event in CSV and Parquet, in this order; the objects are JSON. */
export const EVENT_COLUMNS = [
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
  'timestamp',
  'receivedAt',
  'originalTimestamp',
  'sentAt',
  'context',
  'properties',
  'traits',
  'integrations',
  '_tributary',
] as const

/** The cells of a row: by path, such as `properties.price`; objects as JSON, nothing as an empty cell. */
export function toCells(event: JsonObject, columns: readonly string[]): string[] {
  return columns.map((column) => {
    const value = valueAt(event, column)
    if (value === undefined || value === null) return ''
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function valueAt(event: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = event
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as JsonObject)[key]
  }
  return value
}

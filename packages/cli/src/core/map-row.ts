import {
  accept,
  isJsonObject,
  type Json,
  type JsonObject,
  parseEvent,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import { OBJECT_FIELDS, type ReadyMapping, type Source, TEXT_FIELDS } from './mapping.ts'
import { readJsonObject } from './read-json-object.ts'

/** What a row comes to under one mapping: an event without its `messageId` unless the mapping gives one, or why none. */
export type MappedRow = Result<JsonObject, Refusal<string>>

/** Turns a row into its events; mappings whose `when` does not hold give none. */
export function mapRow(
  values: Record<string, unknown>,
  mappings: readonly ReadyMapping[],
): MappedRow[] {
  const mapped: MappedRow[] = []
  for (const mapping of mappings) {
    const holds = mapping.when.every(([template, wanted]) => {
      const value = String(template.fill(values) ?? '')
      return wanted.includes(value) || (wanted.includes('*') && value !== '')
    })
    if (holds) mapped.push(toEvent(values, mapping))
  }
  return mapped
}

function toEvent(values: Record<string, unknown>, mapping: ReadyMapping): MappedRow {
  const event: JsonObject = {}
  for (const [name, source] of mapping.fields) {
    const value = read(values, source)
    if (!value.ok) return refuse(value.error.code, `${name}: ${value.error.message}`)
    if (value.value !== undefined) event[name] = value.value
  }
  if (mapping.rest) {
    const added = addRest(event, values, mapping.rest, mapping.columns)
    if (!added.ok) return added
  }
  return checkEvent(event)
}

/** By the collector's own rules, so that what it would refuse never leaves; and ids, which may be numbers in the file, as text. */
function checkEvent(event: JsonObject): MappedRow {
  for (const field of TEXT_FIELDS) {
    const value = event[field]
    if (typeof value === 'number' || typeof value === 'boolean') event[field] = String(value)
  }
  const parsed = parseEvent(event)
  return parsed.ok ? accept(event) : parsed
}

function read(
  values: Record<string, unknown>,
  source: Source,
): Result<Json | undefined, Refusal<string>> {
  if (source.kind === 'constant') return accept(source.value)
  if (source.kind === 'column') {
    const value = source.template.fill(values)
    if (value === undefined) return accept(undefined)
    const converted = source.convert(value)
    return converted.ok || source.template.columns.length === 0
      ? converted
      : refuse(
          converted.error.code,
          `column "${source.template.columns.join('", "')}": ${converted.error.message}`,
        )
  }
  const object: JsonObject = {}
  for (const [name, member] of source.members) {
    const value = read(values, member)
    if (!value.ok) return value
    if (value.value !== undefined) object[name] = value.value
  }
  return accept(Object.keys(object).length > 0 ? object : undefined)
}

/** What the collector adds to an event; in a row that it once gave out, these say nothing that the event does not. */
const COLLECTOR_FIELDS = [
  'source',
  'receivedAt',
  'sentAt',
  'originalTimestamp',
  '_tributary',
  'date',
  'rest',
]

/**
 * Columns by their own names: those of an event's fields are these fields, `traits.plan` is `plan` in `traits`, and others
 * go to `traits` of identify and group and to `properties` of all else.
 */
function addRest(
  event: JsonObject,
  values: Record<string, unknown>,
  rest: 'properties' | 'traits' | 'auto',
  named: ReadonlySet<string>,
): Result<JsonObject, Refusal<string>> {
  const isStored = 'receivedAt' in values && 'messageId' in values
  const others = rest === 'auto' ? containerOf(event.type ?? values.type) : rest
  const isLeftOut = (column: string) =>
    named.has(column) || (isStored && COLLECTOR_FIELDS.includes(column))
  for (const [column, value] of Object.entries(values)) {
    if (isEmpty(value) || isLeftOut(column)) continue
    const place = rest === 'auto' ? placeOf(column) : undefined
    if (place !== 'object') put(event, place ?? [others, column], value as Json)
    else if (!mergeObject(event, column, value)) {
      return refuse('invalid_json', `column "${column}": it is no JSON object.`)
    }
  }
  return accept(event)
}

function containerOf(type: unknown): string {
  return type === 'identify' || type === 'group' ? 'traits' : 'properties'
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** The path in the event of a column that is named after a place in it; `object` for one of its objects as a whole. */
function placeOf(column: string): string[] | 'object' | undefined {
  if (TEXT_FIELDS.includes(column as 'type')) return [column]
  if (OBJECT_FIELDS.includes(column as 'traits')) return 'object'
  const path = column.split('.')
  const isPath = path.length > 1 && OBJECT_FIELDS.includes(path[0] as 'traits')
  return isPath && !path.includes('__proto__') ? path : undefined
}

/** @returns Whether the value is an object, as it is or as JSON. */
function mergeObject(event: JsonObject, field: string, value: unknown): boolean {
  const object = typeof value === 'string' ? readJsonObject(value) : value
  if (!isJsonObject(object)) return false
  event[field] = { ...object, ...(event[field] as JsonObject | undefined) }
  return true
}

function put(event: JsonObject, path: readonly string[], value: Json): void {
  let at = event
  for (const key of path.slice(0, -1)) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {}
    at = at[key] as JsonObject
  }
  at[path.at(-1) as string] ??= typeof value === 'string' ? value.trim() : value
}

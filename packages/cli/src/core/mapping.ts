import {
  accept,
  EVENT_TYPES,
  isJsonObject,
  type Json,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import { CONVERSIONS, type Conversion, type Converter, createConverter } from './convert-value.ts'
import { parseTemplate, type Template } from './template.ts'

/** Where a value of the event comes from. */
export type Source =
  | { kind: 'constant'; value: Json }
  | { kind: 'column'; template: Template; convert: Converter }
  | { kind: 'object'; members: [string, Source][] }

/** A mapping that was checked, ready to be used on any number of rows. */
export interface ReadyMapping {
  fields: [string, Source][]
  /** Columns and the values with which the row counts, `*` for any; a row without them gives no event. */
  when: [Template, readonly string[]][]
  /** Where columns go that the mapping does not name. */
  rest: 'properties' | 'traits' | 'auto' | undefined
  /** Columns that it names. */
  columns: Set<string>
}

/** Fields of an event that are text. */
export const TEXT_FIELDS = [
  'type',
  'event',
  'name',
  'category',
  'userId',
  'anonymousId',
  'groupId',
  'previousId',
  'messageId',
  'timestamp',
] as const

/** Fields of an event that are objects. */
export const OBJECT_FIELDS = ['properties', 'traits', 'context', 'integrations'] as const

const FIELDS: readonly string[] = [...TEXT_FIELDS, ...OBJECT_FIELDS]
const RESTS = ['properties', 'traits', 'auto'] as const

/**
 * Reads a mapping, or a list of them, each of which makes an event of every row. A mapping has the fields of an event. Every
 * text is a template: `Deal Won` is itself, `{Amount}` the column Amount, `deal-{Deal ID}` both; an object with `from` says
 * how to read one. A field whose columns are empty is left out.
 */
export function readMappings(input: unknown): Result<ReadyMapping[], Refusal<'invalid_mapping'>> {
  const list = Array.isArray(input) ? input : [input]
  const ready: ReadyMapping[] = []
  for (const mapping of list) {
    const read = readMapping(mapping)
    if (!read.ok) return read
    ready.push(read.value)
  }
  return ready.length > 0 ? accept(ready) : wrong('A mapping must have something in it.')
}

function wrong(message: string) {
  return refuse('invalid_mapping', message)
}

function readMapping(input: unknown): Result<ReadyMapping, Refusal<'invalid_mapping'>> {
  if (!isJsonObject(input)) return wrong('A mapping must be a JSON object, or a list of them.')
  const { when, rest, ...fields } = input
  const ready: ReadyMapping = { fields: [], when: [], rest: undefined, columns: new Set() }
  if (rest !== undefined) {
    if (!RESTS.includes(rest as 'auto')) return wrong(`"rest" must be one of ${RESTS.join(', ')}.`)
    ready.rest = rest as 'auto'
  }
  if (when !== undefined) {
    const read = readWhen(when, ready)
    if (!read.ok) return read
  }
  for (const [name, value] of Object.entries(fields)) {
    if (!FIELDS.includes(name)) {
      return wrong(`An event has no field "${name}"; it has ${FIELDS.join(', ')}.`)
    }
    const source = readSource(name, value as Json, ready.columns)
    if (!source.ok) return source
    ready.fields.push([name, source.value])
  }
  const { type } = fields
  const isKnown =
    typeof type !== 'string' || type.includes('{') || EVENT_TYPES.includes(type as 'page')
  return isKnown ? accept(ready) : wrong(`"type" must be one of ${EVENT_TYPES.join(', ')}.`)
}

function readWhen(when: unknown, ready: ReadyMapping) {
  const message =
    '"when" must be an object of columns and the values with which a row counts: { "Stage": ["won"] }.'
  if (!isJsonObject(when)) return wrong(message)
  for (const [column, values] of Object.entries(when)) {
    const wanted = Array.isArray(values) ? values : [values]
    if (!wanted.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) {
      return wrong(message)
    }
    ready.when.push([parseTemplate(`{${column}}`), wanted.map(String)])
    ready.columns.add(column)
  }
  return accept(ready)
}

function readSource(
  path: string,
  value: Json,
  columns: Set<string>,
): Result<Source, Refusal<'invalid_mapping'>> {
  if (typeof value === 'string') {
    // Without a form of its own, a time is read as one: as text, `2026-01-31` and others would not be a moment.
    return readColumn(path, value, path === 'timestamp' ? { as: 'time' } : {}, columns)
  }
  if (!isJsonObject(value)) return accept({ kind: 'constant', value })
  if (typeof value.from === 'string') {
    const { from, ...conversion } = value
    return readColumn(path, from, conversion as Conversion, columns)
  }
  const members: [string, Source][] = []
  for (const [name, member] of Object.entries(value)) {
    const source = readSource(`${path}.${name}`, member as Json, columns)
    if (!source.ok) return source
    members.push([name, source.value])
  }
  return accept({ kind: 'object', members })
}

function readColumn(
  path: string,
  from: string,
  conversion: Conversion,
  columns: Set<string>,
): Result<Source, Refusal<'invalid_mapping'>> {
  const template = parseTemplate(from)
  for (const column of template.columns) columns.add(column)
  const { as, decimal, zone } = conversion
  if (as !== undefined && !CONVERSIONS.includes(as)) {
    return wrong(`"${path}": "as" must be one of ${CONVERSIONS.join(', ')}.`)
  }
  if (decimal !== undefined && decimal !== ',' && decimal !== '.') {
    return wrong(`"${path}": "decimal" must be "." or ",".`)
  }
  try {
    return accept({ kind: 'column', template, convert: createConverter(conversion) })
  } catch {
    return wrong(`"${path}": there is no time zone "${zone}".`)
  }
}

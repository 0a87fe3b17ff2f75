import type { TributaryEvent } from '@tributary/protocol'
import { byteLength } from './entry.ts'

/** What stands in the place of a value that was cut away, or at the end of a string that was shortened. */
const MARK = '[truncated]'

/** Characters that are left of a long string. */
const KEPT = 1000

/** The first fields that were cut are named, so many of them, with so much of each name. */
const NAMED = { fields: 10, characters: 40 }

/** Bytes for those names; JSON writes some characters with six. */
const NAMED_BYTES = 3000

/** The objects whose fields are cut. */
const PARENTS = ['properties', 'traits', 'context', 'integrations'] as const

/** Ways to make a field smaller, tried one after the other on all of them. */
const CUTS: ((value: unknown) => unknown)[] = [
  (value) => (typeof value === 'string' ? value.slice(0, KEPT) + MARK : MARK),
  () => MARK,
  () => undefined,
]

interface Field {
  parent: (typeof PARENTS)[number]
  name: string
  /** None where it is cut out altogether. */
  value: unknown
  bytes: number
}

/**
 * An event as JSON of at most `maxBytes`: its largest fields are shortened, then replaced by a mark, then left out, as
 * many as it takes; the first of them are named in `context.truncated`. A smaller event is not changed. The ids of the
 * event are never cut, nor is its place in the stream.
 */
export function toBoundedJson(event: TributaryEvent, maxBytes: number): string {
  const json = JSON.stringify(event)
  // No character of a string takes more than three bytes.
  if (json.length * 3 <= maxBytes || byteLength(json) <= maxBytes) return json
  const copy = JSON.parse(json)
  for (const name of ['event', 'name', 'category']) {
    if (copy[name]?.length > KEPT) copy[name] = copy[name].slice(0, KEPT) + MARK
  }
  const fields = PARENTS.flatMap((parent) =>
    Object.entries(copy[parent] ?? {}).map(([name, value]): Field => {
      return { parent, name, value, bytes: bytesOf(name, value) }
    }),
  )
  const truncated = cut(fields, byteLength(JSON.stringify(copy)) + NAMED_BYTES - maxBytes)
  for (const parent of PARENTS) {
    const kept = fields.filter((field) => field.parent === parent)
    if (kept[0]) copy[parent] = Object.fromEntries(kept.map(({ name, value }) => [name, value]))
  }
  copy.context = { ...copy.context, truncated }
  return JSON.stringify(copy)
}

/** Cuts fields until `excess` bytes are saved, the largest first. Returns names of those that were cut. */
function cut(fields: readonly Field[], excess: number): string[] {
  const truncated = new Set<string>()
  const candidates = fields.filter(
    ({ parent, name }) => parent !== 'context' || name !== 'delivery',
  )
  for (const shorten of CUTS) {
    for (const field of candidates.sort((a, b) => b.bytes - a.bytes)) {
      if (excess <= 0) return [...truncated]
      const value = shorten(field.value)
      const bytes = bytesOf(field.name, value)
      if (bytes >= field.bytes) continue
      excess -= field.bytes - bytes
      Object.assign(field, { value, bytes })
      const name = `${field.parent}.${field.name}`.slice(0, NAMED.characters)
      if (truncated.size < NAMED.fields) truncated.add(name)
    }
  }
  return [...truncated]
}

/** Bytes that a field takes in its object, with its comma. */
function bytesOf(name: string, value: unknown): number {
  return value === undefined ? 0 : byteLength(JSON.stringify({ [name]: value })) - 1
}

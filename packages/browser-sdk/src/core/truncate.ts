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
    Object.entries(copy[parent] ?? {}).map(([name, value]) => {
      return { owner: copy[parent], label: `${parent}.${name}`, name, bytes: bytesOf(name, value) }
    }),
  ).filter(({ label }) => label !== 'context.delivery')
  const truncated = new Set<string>()
  let excess = byteLength(JSON.stringify(copy)) + NAMED_BYTES - maxBytes
  for (const shorten of CUTS) {
    for (const field of fields.sort((a, b) => b.bytes - a.bytes)) {
      const { owner, label, name } = field
      const value = shorten(owner[name])
      const saved = field.bytes - bytesOf(name, value)
      if (excess <= 0 || saved <= 0) continue
      excess -= saved
      field.bytes -= saved
      owner[name] = value
      if (truncated.size < NAMED.fields) truncated.add(label.slice(0, NAMED.characters))
    }
  }
  copy.context = { ...copy.context, truncated: [...truncated] }
  return JSON.stringify(copy)
}

/** Bytes that a field takes in its object, with its comma; none where it is left out. */
function bytesOf(name: string, value: unknown): number {
  return value === undefined ? 0 : byteLength(JSON.stringify({ [name]: value })) - 1
}

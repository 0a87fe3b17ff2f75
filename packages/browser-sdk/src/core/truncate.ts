import type { TributaryEvent } from '@tributary/protocol'

/** What stands in the place of a value that was cut away, or at the end of a string that was shortened. */
const MARK = '[truncated]'

/** Characters that are left of a long string. */
const KEPT = 1000

/**
 * An event as JSON of at most about `maxLength` characters: the largest fields of its properties, traits and context
 * are shortened, as many as it takes, and named in `context.truncated`. A smaller event is not changed.
 */
export function toBoundedJson(event: TributaryEvent, maxLength: number): string {
  const json = JSON.stringify(event)
  let excess = json.length - maxLength
  if (excess <= 0) return json
  const copy = JSON.parse(json)
  const fields = ['properties', 'traits', 'context'].flatMap((parent) =>
    Object.entries(copy[parent] ?? {}).map(([field, value]) => {
      return { parent, field, value, size: JSON.stringify(value).length }
    }),
  )
  const truncated: string[] = []
  for (const { parent, field, value, size } of fields.sort((a, b) => b.size - a.size)) {
    if (excess <= 0 || size < MARK.length * 2) break
    const short = typeof value === 'string' && size > KEPT * 2 ? value.slice(0, KEPT) + MARK : MARK
    copy[parent][field] = short
    excess -= size - short.length
    truncated.push(`${parent}.${field}`)
  }
  copy.context.truncated = truncated
  return JSON.stringify(copy)
}

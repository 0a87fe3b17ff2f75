import { isJsonObject } from '@tributary/protocol'

/** Whether a value has all that `match` has: objects in part, everything else whole. A function decides itself. */
export function isMatch<Value>(
  value: Value,
  match: Record<string, unknown> | ((value: Value) => boolean),
): boolean {
  return typeof match === 'function' ? match(value) : contains(value, match)
}

function contains(value: unknown, part: unknown): boolean {
  if (isJsonObject(part)) {
    return (
      isJsonObject(value) && Object.entries(part).every(([key, of]) => contains(value[key], of))
    )
  }
  if (!Array.isArray(part)) return Object.is(value, part)
  return (
    Array.isArray(value) &&
    value.length === part.length &&
    part.every((of, i) => contains(value[i], of))
  )
}

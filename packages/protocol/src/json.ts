/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json | undefined
}

/** True for a plain JSON object: not null, not an array, not a number kept by its digits ({@link isRawNumber}). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)
}

/** True when `value` nests deeper than `maxDepth` containers. Its own recursion is bounded by `maxDepth`. */
export function isDeeperThan(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (maxDepth === 0) return !isRawNumber(value)
  for (const child of Object.values(value)) if (isDeeperThan(child, maxDepth - 1)) return true
  return false
}

/**
 * True for what `JSON.rawJSON` makes (ECMAScript 2026): an object that stands for a number with more digits than a
 * double holds, and is written as those digits. Looks at the prototype first (they have none): that costs next to nothing, while
 * asking for the property took longer than parsing the event.
 */
export function isRawNumber(value: object): value is { rawJSON: string } {
  return (
    Object.getPrototypeOf(value) === null && (JSON as RawJsonSupport).isRawJSON?.(value) === true
  )
}

/** The platform's part in it; not in every browser yet, and not in TypeScript's library. */
interface RawJsonSupport {
  isRawJSON?: (value: object) => boolean
}

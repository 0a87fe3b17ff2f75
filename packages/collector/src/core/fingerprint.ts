import { isJsonObject, type Json, type JsonObject } from '@tributary/protocol'

/** Fields that may differ between two deliveries of one event. */
const VOLATILE_FIELDS = new Set(['sentAt', 'receivedAt', 'writeKey', '_metadata'])

/** `context.delivery` counts attempts, and so differs between two deliveries too. */
const VOLATILE_CONTEXT_FIELDS = new Set(['delivery'])

/**
 * The content of an event as text that is equal for two deliveries of it: keys sorted, volatile
 * fields left out. Two events with one id and different texts are a conflict.
 */
export function contentText(event: JsonObject): string {
  return JSON.stringify(sortKeys(withoutVolatile(event)))
}

/** An event without the fields that may differ between two deliveries of it. */
export function withoutVolatile(event: JsonObject): JsonObject {
  const content = without(event, VOLATILE_FIELDS)
  if (isJsonObject(content.context)) {
    content.context = without(content.context, VOLATILE_CONTEXT_FIELDS)
  }
  return content
}

/** A copy whose keys are in order at every level. Depth is bounded by `MAX_EVENT_DEPTH` before this is called. */
function sortKeys(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => sortKeys(item) as Json)
  if (!isJsonObject(value)) return value
  const entries = Object.keys(value)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => [key, sortKeys(value[key])])
  // Unlike an assignment, this takes `__proto__` for a key like any other.
  return Object.fromEntries(entries)
}

function without(object: JsonObject, fields: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !fields.has(key)))
}

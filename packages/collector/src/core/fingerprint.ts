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
  return canonicalJson(withoutVolatile(event))
}

/** An event without the fields that may differ between two deliveries of it. */
export function withoutVolatile(event: JsonObject): JsonObject {
  const content = without(event, VOLATILE_FIELDS)
  if (isJsonObject(content.context)) {
    content.context = without(content.context, VOLATILE_CONTEXT_FIELDS)
  }
  return content
}

/** JSON with sorted keys. Depth is bounded by `MAX_EVENT_DEPTH` before this is called. */
function canonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value ?? null)
  const members = Object.keys(value)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${members.join(',')}}`
}

function without(object: JsonObject, fields: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !fields.has(key)))
}

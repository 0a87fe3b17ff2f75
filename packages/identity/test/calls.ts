import type { JsonObject } from '@tributary/protocol'

/** Minute of an hour, ISO 8601. */
export function at(minute: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
}

/** An event at a minute; its id is made of both, so that ids sort as times do. */
export function call(type: string, minute: number, fields: JsonObject): JsonObject {
  return {
    type,
    messageId: `m${String(minute).padStart(3, '0')}`,
    timestamp: at(minute),
    ...fields,
  }
}

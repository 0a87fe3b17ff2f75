import type { Json, JsonObject } from '@tributary/protocol'

/**
 * The event's JSON with the keys of every object in their order, so that the same content gives the same text whatever the
 * order of the columns.
 */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  const members = Object.keys(value)
    .sort(byCodeUnits)
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`)
  return `{${members.join(',')}}`
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** Length of the hash's part in an id: 128 bits, as in a UUID. */
const HASH_LENGTH = 32

/**
 * An event with the id that its content gives it: what is imported again, from the same file or another, is met as a
 * duplicate. An id that the mapping gave stays.
 *
 * @param hash SHA-256 of a text in hexadecimal digits.
 */
export function withMessageId(
  event: JsonObject,
  hash: (text: string) => string,
): { messageId: string; text: string } {
  const { messageId, ...content } = event
  const text = canonicalJson(content)
  const id =
    typeof messageId === 'string' && messageId !== ''
      ? messageId
      : `imp_${hash(text).slice(0, HASH_LENGTH)}`
  return { messageId: id, text: `{"messageId":${JSON.stringify(id)},${text.slice(1)}` }
}

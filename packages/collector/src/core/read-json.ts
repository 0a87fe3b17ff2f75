import { isJsonObject, isRawNumber, type JsonObject } from '@tributary/protocol'

/**
 * Reads JSON so that writing it again gives the same numbers. `JSON.parse` alone rounds `12345678901234567890` and makes
 * `1e400` infinite, which is then written as `null`; such numbers become `JSON.rawJSON` objects here, and the ids of an
 * event their digits as text: rounded, two people would become one.
 *
 * @returns The value; `undefined` when it is not JSON (which no JSON text can be). Never throws.
 */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (!MAY_LOSE_DIGITS.test(text)) return value
    return exactly(text) ?? value
  } catch {
    return undefined
  }
}

/** A reviver makes parsing several times slower, so it is used only where such a number may be; not for UUIDs and dates. */
const MAY_LOSE_DIGITS = /[:,[]\s*-?(?:\d[\d.]{15}|[\d.]+[eE]|0(?:\.0+)?\s*[,}\]])/

/** `undefined` where the text nests deeper than a reviver can follow; such an event is refused for its depth anyhow. */
function exactly(text: string): unknown {
  try {
    return withIdsAsText(JSON.parse(text, keepDigits))
  } catch {
    return undefined
  }
}

/** `JSON.rawJSON` and the reviver's third argument (ECMAScript 2026) are not in TypeScript's library yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object }

const ID_FIELDS = ['messageId', 'userId', 'anonymousId', 'groupId', 'previousId']

function keepDigits(key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  if (typeof value !== 'number' || source === undefined) return value
  const isLongId = ID_FIELDS.includes(key) && !Number.isSafeInteger(value)
  return isLongId || isRounded(source, value) ? rawJSON(source) : value
}

/** Whether writing the number again would give another one than was sent: other digits, or no number at all. */
function isRounded(source: string, value: number): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return true
  return significantDigits(source) !== significantDigits(String(value))
}

/** The digits that tell a number from others of its magnitude: `-0.0120e5` has `12`. */
function significantDigits(number: string): string {
  const [mantissa = ''] = number.split(/e/i, 1)
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
}

/** The ids of a single event, of a batch's events or of a bare array's, where they are numbers kept by their digits. */
function withIdsAsText(json: unknown): unknown {
  const batch = isJsonObject(json) ? json.batch : json
  const events = Array.isArray(batch) ? [json, ...batch] : [json]
  for (const event of events) if (isJsonObject(event)) setIdsAsText(event)
  return json
}

function setIdsAsText(event: JsonObject): void {
  for (const field of ID_FIELDS) {
    const id = event[field]
    if (typeof id === 'object' && id !== null && isRawNumber(id)) event[field] = id.rawJSON
  }
}

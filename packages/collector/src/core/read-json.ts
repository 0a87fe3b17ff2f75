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
    return (hasLossyNumber(text) ? exactly(text) : undefined) ?? JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Numbers that could be lossy: long ones, those with an exponent, negative zero. No UUID and no date looks like one. */
const SUSPECTS =
  /[:,[]\s*(-?\d[\d.]{15,}(?:[eE][+-]?\d+)?|-?[\d.]+[eE][+-]?\d+|-0(?:\.0+)?)(?=\s*[,}\]])/g

/** A reviver makes parsing several times slower, so it is used only where it has something to do. */
function hasLossyNumber(text: string): boolean {
  for (const [, number = ''] of text.matchAll(SUSPECTS)) {
    if (isLossy(number, Number(number))) return true
  }
  return false
}

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

function keepDigits(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isNumber = typeof value === 'number' && source !== undefined
  return isNumber && isLossy(source, value) ? rawJSON(source) : value
}

/** From here on `String` writes an exponent, and an id would no longer be its digits. */
const FIRST_WITH_EXPONENT = 1e21

/** Whether writing the number again would give another one than was sent: other digits, or no number at all. */
function isLossy(source: string, value: number): boolean {
  if (!(Math.abs(value) < FIRST_WITH_EXPONENT) || Object.is(value, -0)) return true
  return significantDigits(source) !== significantDigits(String(value))
}

/** The digits that tell a number from others of its magnitude: `-0.0120e5` has `12`. */
function significantDigits(number: string): string {
  const [mantissa = ''] = number.split(/e/i, 1)
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
}

const ID_FIELDS = ['messageId', 'userId', 'anonymousId', 'groupId', 'previousId']

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

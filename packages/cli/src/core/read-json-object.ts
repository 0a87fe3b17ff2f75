import { isJsonObject, type JsonObject } from '@tributary/protocol'

/** The object that a text is the JSON of; `undefined` for anything else. */
export function readJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

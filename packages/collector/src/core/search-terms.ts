import type { JsonObject } from '@tributary/protocol'

/** A longer value is a text that nobody types to find a person. */
const MAX_TERM_LENGTH = 100

/** What a person can be found by among traits: values that are text, in lower case. Each costs a row. */
export function termsOf(traits: JsonObject): string[] {
  return Object.values(traits).flatMap((value) => {
    if (typeof value !== 'string') return []
    const term = value.toLowerCase().slice(0, MAX_TERM_LENGTH)
    return term === '' ? [] : [term]
  })
}

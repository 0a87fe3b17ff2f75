import { type JsonObject, NAMES_OF_NOBODY } from '@tributary/protocol'
import { addFlag, replaceField } from '../stored-event.ts'

const IDENTIFIER_FIELDS = ['userId', 'anonymousId', 'groupId', 'previousId'] as const

/** Nothing at all, or nothing but zeros and dashes, as in the nil UUID. */
const EMPTY = /^[0-]*$/

/** Addresses of nobody in particular. */
const JUNK_ADDRESS = /^(guest|anonymous|test|noreply|no-reply|none|null|undefined|unknown)@[^@\s]+$/

const QUOTED = /^(["'`])(.*)\1$/s

/** No junk value is longer, but for zeros and addresses; what is longer need not be put in lower case to be known. */
const MAX_JUNK_LENGTH = 256

/**
 * Identifiers are strings: numbers become text. What can name nobody stays as it came and is flagged:
 * `<field>_junk` for a value such as `null` or `0`, `<field>_unusable` for an object, an array or a boolean.
 */
export function setIdentifiers(event: JsonObject): JsonObject {
  let draft = event
  for (const field of IDENTIFIER_FIELDS) {
    const value = draft[field]
    if (value === undefined) continue
    if (typeof value === 'number') draft = replaceField(draft, field, String(value))
    const id = draft[field]
    if (id === null) draft = addFlag(draft, `${field}_junk`)
    else if (typeof id !== 'string') draft = addFlag(draft, `${field}_unusable`)
    else if (isJunk(id)) draft = addFlag(draft, `${field}_junk`)
  }
  return draft
}

/** Whether a text names nobody: what many programs write for "no one", in any case, also when quoted. */
function isJunk(id: string): boolean {
  if (id.length > MAX_JUNK_LENGTH) return false
  const text = id.trim()
  const bare = (QUOTED.exec(text)?.[2]?.trim() ?? text).toLowerCase()
  return (
    NAMES_OF_NOBODY.has(bare) || EMPTY.test(bare) || (bare.includes('@') && JUNK_ADDRESS.test(bare))
  )
}

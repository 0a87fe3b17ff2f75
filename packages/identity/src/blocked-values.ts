import { NAMES_OF_NOBODY } from '@tributary/protocol'
import type { Rules } from './configuration.ts'

/** R6: the names of nobody, and what PostHog's clients write besides. */
const NOBODY: ReadonlySet<string> = new Set([...NAMES_OF_NOBODY, 'distinctid', 'distinct_id'])

/** Empty texts, `0`, and the UUID that stands in where advertising ids are switched off. */
const ONLY_ZEROS_AND_DASHES = /^[0-]*$/

/** Local parts of addresses that belong to nobody in particular. */
const NOBODYS_MAILBOX: ReadonlySet<string> = new Set([
  'guest',
  'anonymous',
  'test',
  'noreply',
  'no-reply',
  'none',
  'null',
  'undefined',
  'unknown',
])

const QUOTED = /^(["'`])(.*)\1$/s

/** R6: whether a normalised value identifies nobody. It stays in the event and in traits all the same. */
export function isBlocked(type: string, value: string, rules: Rules): boolean {
  const bare = withoutQuotes(value).toLowerCase()
  if (NOBODY.has(bare) || rules.blocked.has(bare) || rules.blocked.has(value.toLowerCase())) {
    return true
  }
  if (type === 'email') return NOBODYS_MAILBOX.has(bare.slice(0, bare.lastIndexOf('@')))
  return ONLY_ZEROS_AND_DASHES.test(type === 'phone' ? bare.replace('+', '') : bare)
}

function withoutQuotes(value: string): string {
  const [, , inside] = QUOTED.exec(value) ?? []
  return inside === undefined ? value : inside.trim()
}

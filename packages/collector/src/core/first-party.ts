import type { FirstParty, JsonObject } from '@tributary/protocol'
import type { CookieOptions } from './source-config.ts'
import { replaceField } from './stored-event.ts'

/** The anonymous id of the browser that made a request. */
export interface BrowserId {
  id: string
  /** The new id that the browser had made because its storage was wiped; `id` is the one from before. */
  replaces?: string
}

/** Chromium keeps no cookie for longer (400 days, RFC 6265bis 5.5). */
const MAX_AGE_SECONDS = 34_560_000

const DEFAULT_NAME = 'tributary_id'

/**
 * Which id a browser has: the one it uses, unless it has just made that because it had lost another, which the cookie
 * still knows. Scripts can neither read nor wipe that cookie.
 *
 * @param header The request's `Cookie`.
 */
export function browserId(
  { id, fresh }: FirstParty,
  { name = DEFAULT_NAME }: CookieOptions,
  header: string | null,
): BrowserId {
  const before = fresh ? readCookie(header ?? '', name) : undefined
  return before === undefined || before === id ? { id } : { id: before, replaces: id }
}

/** The values of `Set-Cookie`: the id for the collector alone, and a twin that scripts can read. */
export function cookiesFor(id: string, { name = DEFAULT_NAME, domain }: CookieOptions): string[] {
  const attributes = `; Path=/; Max-Age=${MAX_AGE_SECONDS}; Secure; SameSite=Lax`
  const scope = domain === undefined ? attributes : `; Domain=${domain}${attributes}`
  return [`${name}=${id}${scope}; HttpOnly`, `${name}_js=${id}${scope}`]
}

/** Gives an event of the browser its id, where it has none or the new one. An id of somebody else stays. */
export function setBrowserId(event: JsonObject, { browser }: { browser?: BrowserId }): JsonObject {
  if (!browser) return event
  const sent = event.anonymousId ?? undefined
  return sent === undefined || sent === browser.replaces
    ? replaceField(event, 'anonymousId', browser.id)
    : event
}

/** A cookie's value, if it is one that the collector can have set: nothing else must come back in a `Set-Cookie`. */
function readCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2)
    if (key === name && /^[\w.:-]{1,128}$/.test(value)) return value
  }
  return undefined
}

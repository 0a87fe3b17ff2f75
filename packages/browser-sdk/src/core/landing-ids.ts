/** The parameter by which a link takes an identity to another domain: `<anonymousId>.<time, base 36>[.<userId>]`. */
export const LINK_PARAMETER = 'tributary_link'

/** The ids that an address brings along. */
export interface LandingIds {
  anonymousId?: string | undefined
  userId?: string | undefined
}

/** Anonymous ids as the collector takes them from a browser: any cookie and address can carry them. */
const ANONYMOUS_ID = /^[\w.:-]{1,128}$/

const LINK = /^(.+?)\.([0-9a-z]{8})(?:\.(\w+))?$/

/** A decorated link is followed at once; one that is copied and sent to somebody must not make them the same person. */
const LINK_LIFETIME_MS = 120_000

const MAX_USER_ID_LENGTH = 256

/**
 * The ids in a query: those of a link that was decorated in the last two minutes, else Segment's `ajs_aid` and
 * `ajs_uid`. What is malformed, too long, stale or from the future counts as absent.
 *
 * @param search Begins with `?`, or is empty.
 */
export function landingIds(search: string, nowMs: number): LandingIds {
  const query = new URLSearchParams(search)
  const get = (name: string) => query.get(name) ?? ''
  const [, anonymousId, time = '', user = ''] = LINK.exec(get(LINK_PARAMETER)) ?? []
  const ageMs = nowMs - Number.parseInt(time, 36)
  if (ageMs >= 0 && ageMs < LINK_LIFETIME_MS) return checked(anonymousId, decodeUserId(user))
  return checked(get('ajs_aid'), get('ajs_uid'))
}

function checked(anonymousId = '', userId = ''): LandingIds {
  return {
    anonymousId: ANONYMOUS_ID.test(anonymousId) ? anonymousId : undefined,
    userId: userId.length <= MAX_USER_ID_LENGTH ? userId || undefined : undefined,
  }
}

/** The value of {@link LINK_PARAMETER} at this moment. */
export function linkValue(anonymousId: string, nowMs: number, userId?: string): string {
  const value = `${anonymousId}.${nowMs.toString(36)}`
  return userId ? `${value}.${encodeUserId(userId)}` : value
}

/** A query without {@link LINK_PARAMETER}, everything else as it stands. */
export function withoutLink(search: string): string {
  const kept = search.slice(1).split('&')
  const rest = kept.filter((part) => !part.startsWith(`${LINK_PARAMETER}=`)).join('&')
  return rest && `?${rest}`
}

/** Base64 of percent-encoded text without `~` has no `+` and no `/`: the same as base64url. */
function encodeUserId(userId: string): string {
  return btoa(encodeURIComponent(userId).replaceAll('~', '%7E')).replace(/=+$/, '')
}

function decodeUserId(text: string): string {
  try {
    return decodeURIComponent(atob(text))
  } catch {
    return ''
  }
}

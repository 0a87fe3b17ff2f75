/** The parameter by which a link takes an identity to another domain: `<anonymousId>.<time, base 36>[.<userId>]`. */
export const LINK_PARAMETER = 'tributary_link'

/** The ids that an address brings along. */
export interface LandingIds {
  anonymousId: string | undefined
  userId: string | undefined
}

const LINK = /^(.+?)\.(\w{8})(?:\.(\w+))?$/

/** Anonymous ids as the collector takes them from a browser: any cookie and address can carry them. */
const ANONYMOUS_ID = /^[\w.:-]{1,128}$/
const USER_ID = /^.{1,256}$/s

/** A decorated link is followed at once; one that is copied and sent to somebody must not make them the same person. */
const LINK_LIFETIME_MS = 120_000

/**
 * The ids in a query: those of a link that was decorated in the last two minutes, else Segment's `ajs_aid` and
 * `ajs_uid`. What is malformed, too long, stale or from the future counts as absent.
 *
 * @param search Begins with `?`, or is empty.
 */
export function landingIds(search: string, nowMs: number): LandingIds {
  const query = new URLSearchParams(search)
  let anonymousId = query.get('ajs_aid')
  let userId = query.get('ajs_uid')
  const [, linked = '', time = '', user = ''] = LINK.exec(`${query.get(LINK_PARAMETER)}`) ?? []
  const ageMs = nowMs - Number.parseInt(time, 36)
  if (ageMs >= 0 && ageMs < LINK_LIFETIME_MS) {
    try {
      userId = decodeURIComponent(atob(user))
      anonymousId = linked
    } catch {
      // Not written by us.
    }
  }
  return { anonymousId: anonymousId?.match(ANONYMOUS_ID)?.[0], userId: userId?.match(USER_ID)?.[0] }
}

/** The value of {@link LINK_PARAMETER} at this moment; the user id is encoded so that nobody reads it by the way. */
export function linkValue(anonymousId: string, nowMs: number, userId?: string): string {
  const value = `${anonymousId}.${nowMs.toString(36)}`
  if (!userId) return value
  // Half a character, which a page's own cutting may leave, cannot be encoded.
  const text = encodeURIComponent(userId.replace(/\p{Surrogate}/gu, ''))
  // Percent-encoded text without `~` has no `+` and no `/` in base64: this is base64url, with nothing to translate.
  return `${value}.${btoa(text.replaceAll('~', '%7E')).replace(/=+$/, '')}`
}

/** A query without {@link LINK_PARAMETER}; everything else stays as it was written. */
export function withoutLink(search: string): string {
  const parts = search.slice(1).split('&')
  const rest = parts.filter((part) => !part.startsWith(`${LINK_PARAMETER}=`)).join('&')
  return rest && `?${rest}`
}

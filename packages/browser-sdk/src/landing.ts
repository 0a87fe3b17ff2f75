import { identifyUser } from './core/identity.ts'
import { landingIds, withoutLink } from './core/landing-ids.ts'
import type { PageFields } from './core/page-context.ts'
import type { Core } from './core-parts.ts'

/**
 * Adopts the ids that the address has brought, and takes our own parameter out of the address, so that nobody copies it.
 * Segment's parameters stay: its SDK may be on the same page.
 *
 * @returns Whether there was an anonymous id.
 */
export function adoptLanding({ identity, tracker, platform }: Core): boolean {
  const { pathname, search, hash } = location
  const { anonymousId, userId } = landingIds(search, platform.now())
  const rest = withoutLink(search)
  try {
    if (rest !== search) history.replaceState(history.state, '', pathname + rest + hash)
  } catch {
    // A document that may not change its address (a sandboxed frame).
  }
  const known = userId ? identifyUser(identity.read(), userId, {}) : identity.peek()
  if (anonymousId || userId) identity.write(anonymousId ? { ...known, anonymousId } : known)
  if (userId) void tracker.identify(userId)
  return Boolean(anonymousId)
}

/** Takes our parameter out of the page of a call that was made before it was gone from the address. */
export function forgetLink(page: PageFields): void {
  const rest = withoutLink(page.search)
  page.url = page.url.replace(page.search, rest)
  page.search = rest
}

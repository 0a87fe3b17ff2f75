import { attempt } from './core/attempt.ts'
import { landingIds, withoutLink } from './core/landing-ids.ts'
import type { PageFields } from './core/page-context.ts'
import type { Core } from './core-parts.ts'
import type { CallOptions } from './tracker-api.ts'

/**
 * Adopts the ids that the address has brought, and takes our own parameter out of the address, so that nobody copies it.
 * Segment's parameters stay: its SDK may be on the same page.
 *
 * @returns The anonymous id, if there was one.
 */
export function adoptLanding({ tracker, platform }: Core): string | undefined {
  const { pathname, search, hash } = location
  const { anonymousId, userId } = landingIds(search, platform.now())
  const rest = withoutLink(search)
  // Some documents may not change their address (a sandboxed frame).
  if (rest !== search) {
    attempt(() => history.replaceState(history.state, '', pathname + rest + hash))
  }
  if (userId) void tracker.identify(userId, {}, { anonymousId } as CallOptions)
  return anonymousId
}

/** Takes our parameter out of the page of a call that was made before it was gone from the address. */
export function forgetLink(page: PageFields): void {
  const rest = withoutLink(page.search)
  page.url = page.url.replace(page.search, rest)
  page.search = rest
}

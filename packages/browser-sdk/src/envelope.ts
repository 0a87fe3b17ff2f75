import type { PreviousStream } from '@tributary/protocol'
import { toId } from './core/call-arguments.ts'
import type { Core } from './core-parts.ts'
import { isOn } from './options.ts'
import type { Surroundings } from './standard.ts'
import { openStreams } from './streams.ts'

/**
 * What requests say beside their events, and what their answers say beside verdicts: how far earlier pages had come, and the
 * anonymous id. That is kept in a cookie too, which all subdomains share. The cookie wins: another subdomain, or the
 * collector, has set it.
 *
 * @returns Called with an id that this page was given, rather than made.
 */
export function addEnvelope(
  { seams, platform, options, stream, identity, name }: Core,
  { openCookie }: Surroundings,
): (anonymousId: unknown) => void {
  const cookie = openCookie(options.cookieName ?? 'tributary_id_js', options.cookieDomain)
  const streams = openStreams(platform.store, `${name('stream')}:`, stream)
  const asksForCookie = isOn(options.firstParty)
  const { post } = platform
  const { read } = identity
  let previousStreams: readonly PreviousStream[] = []
  let isFresh = true

  function adopt(id: unknown): void {
    const anonymousId = toId(id)
    if (!anonymousId) return
    isFresh = false
    identity.write({ ...identity.peek(), anonymousId })
  }

  seams.identified = (anonymousId) => cookie.set(anonymousId ?? '')
  // Also where it is the same: the cookie then lives on.
  adopt(cookie.get() ?? identity.peek().anonymousId)
  identity.read = () => {
    // Another subdomain may have made one since.
    if (!identity.peek().anonymousId) adopt(cookie.get())
    return read()
  }
  seams.accepted = streams.note
  seams.envelope = () => {
    previousStreams = streams.previous()
    const { anonymousId: id } = identity.read()
    return { previousStreams, firstParty: asksForCookie ? { id, fresh: isFresh } : undefined }
  }
  // Otherwise the key in the body is all that the collector needs.
  if (asksForCookie) platform.credentials = 'include'
  platform.post = async (...request) => {
    // The answer confirms what this very request has told.
    const told = previousStreams
    const answer = await post(...request)
    const { success, anonymousId } = { ...(answer.body as Record<string, unknown> | undefined) }
    // A collector that refuses a request has not read it.
    if (success) {
      streams.confirm(told)
      adopt(anonymousId)
    }
    return answer
  }
  return adopt
}

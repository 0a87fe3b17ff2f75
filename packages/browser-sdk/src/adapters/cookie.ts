import { attempt } from '../core/attempt.ts'
import type { Cookie } from '../platform.ts'

/** Chromium keeps no cookie for longer (400 days, RFC 6265bis 5.5). */
const MAX_AGE_SECONDS = 34_560_000

/**
 * A cookie on the widest domain that the browser allows, found by trying: a public suffix such as `co.uk` is refused
 * (RFC 6265, 5.3). Where cookies are blocked, or the domain is `none`, it is always empty.
 */
export function openCookie(name: string, domain: string | undefined): Cookie {
  if (domain === 'none') return { get() {}, set() {} }
  const labels = location.hostname.split('.')
  // An address has no parent domains; the empty domain is this host alone.
  const domains = domain
    ? [domain]
    : [...labels.map((_, at) => labels.slice(-at - 1).join('.')).slice(1), '']

  let widest: string | undefined

  function read(of: string): string | undefined {
    const pair = `; ${document.cookie}`.split(`; ${of}=`)[1]
    return pair && decodeURIComponent(pair.split(';')[0] as string)
  }

  function write(to: string, value: string, on: string): void {
    const scope = on && `;Domain=${on}`
    const secure = location.protocol === 'https:' ? ';Secure' : ''
    const age = value ? MAX_AGE_SECONDS : 0
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later; identity is needed at once
    document.cookie = `${to}=${encodeURIComponent(value)};Path=/;Max-Age=${age};SameSite=Lax${scope}${secure}`
  }

  /** By a cookie of another name: the cookie itself may be there from an earlier visit, whatever becomes of this try. */
  function isAllowed(on: string): boolean {
    const probe = `${name}_probe`
    write(probe, '1', on)
    const isThere = read(probe) === '1'
    write(probe, '', on)
    return isThere
  }

  return {
    // Blocked (a sandboxed frame), the id stays in localStorage.
    get: () => attempt(() => read(name)),
    set: (value) =>
      attempt(() => {
        widest ??= domains.find(isAllowed)
        if (value && widest !== undefined) write(name, value, widest)
        if (!value) for (const on of domains) write(name, '', on)
      }),
  }
}

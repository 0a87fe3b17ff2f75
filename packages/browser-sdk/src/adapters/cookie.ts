import type { Cookie } from '../platform.ts'

/** Chromium keeps no cookie for longer (400 days, RFC 6265bis 5.5). */
const MAX_AGE_SECONDS = 34_560_000

/**
 * A cookie on the widest domain that the browser allows, found by trying: a public suffix such as `co.uk` is refused
 * (RFC 6265, 5.3). Where cookies are blocked it is always empty.
 */
export function openCookie(name: string, domain: string | undefined): Cookie {
  const labels = location.hostname.split('.')
  // An address has no parent domains; the empty domain is this host alone.
  const domains = domain
    ? [domain]
    : [...labels.map((_, at) => labels.slice(-at - 1).join('.')).slice(1), '']

  function get(): string | undefined {
    try {
      const pair = `; ${document.cookie}`.split(`; ${name}=`)[1]
      return pair && decodeURIComponent(pair.split(';')[0] as string)
    } catch {
      return undefined
    }
  }

  return {
    get,
    set(value) {
      try {
        for (const tried of domains) {
          const scope = tried && `;Domain=${tried}`
          const secure = location.protocol === 'https:' ? ';Secure' : ''
          const age = value ? MAX_AGE_SECONDS : 0
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later; identity is needed at once
          document.cookie = `${name}=${encodeURIComponent(value)};Path=/;Max-Age=${age};SameSite=Lax${scope}${secure}`
          if (value && get() === value) break
        }
      } catch {
        // Blocked (a sandboxed frame): the id stays in localStorage.
      }
    },
  }
}

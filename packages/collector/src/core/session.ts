/** How long a session of the console lasts. */
export const SESSION_MS = 12 * 60 * 60 * 1000

/** Name of the cookie that holds it. */
export const SESSION_COOKIE = 'tributary_session'

/** What is signed: until when (ms since 1970), and what for, so that no other signature can be taken for one of these. */
export function sessionText(expiresAtMs: number): string {
  return `console-session.${expiresAtMs}`
}

/** The parts of a session's cookie; `undefined` where it is none or over. */
export function readSession(
  value: string | undefined,
  nowMs: number,
): { expiresAtMs: number; signature: string } | undefined {
  const [, expires, signature] = /^(\d{13})\.([0-9a-f]{64})$/.exec(value ?? '') ?? []
  const expiresAtMs = Number(expires)
  const isCurrent = expiresAtMs > nowMs && expiresAtMs <= nowMs + SESSION_MS
  return signature !== undefined && isCurrent ? { expiresAtMs, signature } : undefined
}

/** `Set-Cookie`; without a value it takes the cookie away. */
export function sessionCookie(value: string, isSecure: boolean): string {
  const maxAge = value === '' ? 0 : SESSION_MS / 1000
  const secure = isSecure ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`
}

/**
 * Whether a request that changes something comes from a page of the collector's own origin. Browsers tell by
 * `Sec-Fetch-Site`, older ones by `Origin`; `SameSite` alone would let every page of the same site pass, subdomains of
 * others included.
 */
export function isOwnOrigin(headers: Headers, url: string): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  if (origin !== null) return origin === new URL(url).origin
  return site === 'same-origin'
}

import type { HttpAnswer } from '@tributary/protocol'

/** A collector commits before it answers, which takes well under a second: after this long the connection is dead. */
const REQUEST_TIMEOUT_MS = 15_000

/**
 * Posts a body with `fetch`. The request is CORS-simple (text/plain, no header of our own): one that needs
 * a preflight never completes while a page is going away (PostHog/posthog-js#4139).
 *
 * @returns The answer; status 0 when there was none in {@link REQUEST_TIMEOUT_MS}. Never rejects.
 */
export async function post(url: string, body: string, keepalive: boolean): Promise<HttpAnswer> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), REQUEST_TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      // The key in the body is all the collector needs; the site's cookies are none of its business.
      credentials: 'omit',
      signal: abort.signal,
      body,
      keepalive,
    })
    return {
      status: response.status,
      retryAfter: response.headers.get('Retry-After'),
      body: await response.json().catch(() => undefined),
    }
  } catch {
    return { status: 0 }
  } finally {
    clearTimeout(timer)
  }
}

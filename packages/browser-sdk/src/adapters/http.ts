import type { HttpAnswer } from '@tributary/protocol'

/** A collector commits before it answers, which takes well under a second: after this long the connection is dead. */
const REQUEST_TIMEOUT_MS = 15_000

/**
 * Posts a body with `fetch`. The request is CORS-simple (no header of our own; a string goes as text/plain by itself, a blob
 * as what it says): one that needs a preflight never completes while a page is going away (PostHog/posthog-js#4139).
 *
 * @returns The answer; status 0 when there was none in {@link REQUEST_TIMEOUT_MS}. Never rejects.
 */
export async function post(
  url: string,
  body: string | Blob,
  keepalive: boolean,
  credentials: RequestCredentials,
): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      credentials,
      // Without it (Safari 15) the browser's own limit holds.
      signal: AbortSignal.timeout?.(REQUEST_TIMEOUT_MS),
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
  }
}

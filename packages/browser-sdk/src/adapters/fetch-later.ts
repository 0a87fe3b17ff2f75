import { attempt } from '../core/attempt.ts'

/**
 * Leaves a request with the browser, which makes it when the page ends, however that comes: also when the renderer
 * crashes. Nobody reads its answer. Where the browser does not take it (over 64 KiB for an origin, a policy), there is none.
 *
 * @returns Takes the request back.
 */
export type PostLater = (url: string, body: string, credentials: RequestCredentials) => () => void

const { fetchLater } = globalThis as {
  fetchLater?: (url: string, options: RequestInit) => unknown
}

/** {@link PostLater} by `fetchLater` (Fetch standard, "Deferred fetching"), where the browser has it. */
export const postLater: PostLater | undefined =
  fetchLater &&
  ((url, body, credentials) => {
    const controller = new AbortController()
    attempt(() =>
      fetchLater(url, {
        method: 'POST',
        credentials,
        signal: controller.signal,
        body,
      }),
    )
    return () => controller.abort()
  })

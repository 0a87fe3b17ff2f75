import type { Fetch, Post } from '../platform.ts'

/** What Segment's `httpClient` gets for a request. */
export interface HttpClientRequest {
  url: string
  method: 'POST'
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer>
  /** Milliseconds. */
  httpRequestTimeout: number
}

/** What Segment's `httpClient` answers. */
export interface HttpClientAnswer {
  status: number
  statusText?: string
  headers?: { get(name: string): string | null } | Record<string, string | undefined> | undefined
  /** The body. Without it nothing is acknowledged, and everything is sent again. */
  text(): Promise<string> | string
}

/** Segment's `httpClient`, as an object. */
export interface HttpClient {
  makeRequest(request: HttpClientRequest): Promise<HttpClientAnswer>
}

/**
 * Sends by `fetch`. Redirects are answers like any other and not followed: the key is not for
 * another host, and a 301 or 302 would lose the body on the way (Fetch standard, HTTP-redirect fetch).
 */
export function postByFetch(fetch: Fetch): Post {
  return async ({ url, headers, body, signal }) => {
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    const retryAfter = answer.headers.get('retry-after')
    return { status: answer.status, retryAfter, text: await answer.text() }
  }
}

/** Sends by a client of the host's, in Segment's form. */
export function postByClient(client: HttpClient): Post {
  return async ({ url, headers, body, timeoutMs }) => {
    const method = 'POST'
    const request = { url, method, headers, body, httpRequestTimeout: timeoutMs } as const
    const answer = await client.makeRequest(request)
    return {
      status: answer.status,
      retryAfter: headerOf(answer.headers, 'retry-after'),
      text: await answer.text(),
    }
  }
}

function headerOf(headers: HttpClientAnswer['headers'], name: string): string | null {
  if (!headers) return null
  if (typeof headers.get === 'function') return headers.get(name)
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)
  return typeof found?.[1] === 'string' ? found[1] : null
}

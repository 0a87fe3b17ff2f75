import type { Platform } from '../platform.ts'

/**
 * Requests that need not outlive the page go compressed, where the browser can. The collector sees by the first bytes
 * that it is gzip: a `Content-Encoding` would need a preflight.
 */
export function gzipLarge(post: Platform['post']): Platform['post'] {
  return async (url, body, keepalive, credentials) => {
    if (keepalive || !globalThis.CompressionStream) return post(url, body, keepalive, credentials)
    const stream = new Response(body).body?.pipeThrough(new CompressionStream('gzip'))
    return post(url, await new Response(stream).blob(), keepalive, credentials)
  }
}

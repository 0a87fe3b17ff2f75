import type { Platform } from '../platform.ts'

/**
 * Requests that need not outlive the page go compressed, where the browser can. The collector sees by the first bytes
 * that it is gzip: a `Content-Encoding` would need a preflight.
 */
export function gzipLarge(post: Platform['post']): Platform['post'] {
  return async (url, body, keepalive, credentials) => {
    // Not once more what another tracker of this page has wrapped, before consent was withdrawn and given again.
    if (keepalive || typeof body !== 'string' || !globalThis.CompressionStream) {
      return post(url, body, keepalive, credentials)
    }
    const stream = new Response(body).body?.pipeThrough(new CompressionStream('gzip'))
    // A blob of no type would go without a content type, which some proxies refuse.
    const typed = new Response(stream, { headers: { 'Content-Type': 'text/plain' } })
    return post(url, await typed.blob(), keepalive, credentials)
  }
}

import type { PageFacts } from '../core/page-context.ts'

/** What the document says of itself now. */
export function readPage(): PageFacts {
  const { href: url, pathname: path, search } = location
  const { title, referrer, head } = document
  // Only the head: in a large document without the link, a search of everything would cost each call.
  const canonical = head?.querySelector<HTMLLinkElement>('link[rel="canonical"]')?.href
  return { url, path, search, title, referrer, canonical }
}

/** What the browser says of itself and of its screen. */
export function readDevice(): Record<string, unknown> {
  const { userAgent, language: locale } = navigator
  const { width, height } = screen
  return {
    userAgent,
    // User-Agent Client Hints; Chromium only.
    userAgentData: (navigator as { userAgentData?: { toJSON(): object } }).userAgentData?.toJSON(),
    locale,
    screen: { width, height, density: devicePixelRatio, innerWidth, innerHeight },
  }
}

import type { PageFacts } from '../core/page-context.ts'

/** What the document says of itself now. */
export function readPage(): PageFacts {
  const { href: url, pathname: path, search } = location
  const { title, referrer } = document
  return { url, path, search, title, referrer }
}

/** The canonical link of the document, if it has one and still is at `address`, which has no fragment. */
export function readCanonical(address: string): string | undefined {
  if (location.href.replace(/#.*/s, '') !== address) return undefined
  // Only the head: in a large document without the link, a search of everything would cost each call.
  return document.head?.querySelector<HTMLLinkElement>('link[rel="canonical"]')?.href
}

interface WithTemporal {
  Temporal?: { Now: { timeZoneId(): string } }
}

/** What the browser says of itself; it does not change while a page lives, and some of it is slow to ask for. */
export function readDevice(): Record<string, unknown> {
  return {
    userAgent: navigator.userAgent,
    // User-Agent Client Hints; Chromium only.
    userAgentData: (navigator as { userAgentData?: { toJSON(): object } }).userAgentData?.toJSON(),
    locale: navigator.language,
    // Temporal where it is there: the first formatter takes 15 ms in Chromium.
    timezone:
      (globalThis as WithTemporal).Temporal?.Now.timeZoneId() ??
      Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

/** The screen, and the part of it that shows the page. */
export function readScreen(): Record<string, number> {
  const { width, height } = screen
  return { width, height, density: devicePixelRatio, innerWidth, innerHeight }
}

import { attempt } from './attempt.ts'

/** Segment's `context.page`. */
export interface PageFields {
  path: string
  referrer: string
  /** Begins with `?`, or empty. */
  search: string
  title: string
  url: string
}

/** What a document says of itself at the moment of a call. Its `url` still has the fragment. */
export interface PageFacts extends PageFields {
  /** The address of `<link rel="canonical">`, if there is one. */
  canonical?: string | null | undefined
}

/** Segment's rule: a canonical link gives path and url, unless it holds no absolute address; the query is kept, the fragment is not. */
export function applyCanonical(page: PageFacts): void {
  const { canonical } = page
  delete page.canonical
  // `URL.canParse` is missing in Safari before 17.
  const path = canonical && attempt(() => new URL(canonical).pathname)
  if (!path) return
  const bare = `${canonical}`.replace(/#.*/s, '')
  page.path = path
  page.url = bare.includes('?') ? bare : bare + page.search
}

/**
 * Remembers where a single-page app was before: the browser's own `referrer` never changes while the document stays.
 *
 * @returns Mends the `referrer` of a page.
 */
export function followViews(): (page: PageFields) => void {
  let current: string | undefined
  let before: string | undefined
  return (page) => {
    if (current && current !== page.url) before = current
    current = page.url
    page.referrer = before ?? page.referrer
  }
}

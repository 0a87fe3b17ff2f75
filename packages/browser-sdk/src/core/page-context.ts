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

/** `context.page` by Segment's rules: a canonical link gives path and url, the query is kept, the fragment is not. */
export function pageContext({ canonical, ...page }: PageFacts): PageFields {
  page.url = withoutFragment(page.url)
  if (!canonical) return page
  try {
    page.path = new URL(canonical).pathname
    const bare = withoutFragment(canonical)
    page.url = bare.includes('?') ? bare : bare + page.search
  } catch {
    // A link that holds no absolute address must not cost the event.
  }
  return page
}

/** Segment's `context.campaign` from the `utm_` parameters of a query (`utm_campaign` is the `name`), or `undefined` without any. */
export function campaignContext(search: string): Record<string, string> | undefined {
  if (!search.includes('utm_')) return undefined
  const campaign: Record<string, string> = {}
  for (const [key, value] of new URLSearchParams(search)) {
    const field = key.startsWith('utm_') && key.slice(4)
    if (field) campaign[field === 'campaign' ? 'name' : field] = value
  }
  return campaign
}

function withoutFragment(url: string): string {
  return url.replace(/#.*/s, '')
}

/** The console's pages in the order of the bar; the first is the one at `/console`. */
export const PAGES = [
  { id: 'live', title: 'Live' },
  { id: 'delivery', title: 'Delivery' },
  { id: 'people', title: 'People' },
  { id: 'quarantine', title: 'Quarantine' },
  { id: 'sources', title: 'Sources' },
  { id: 'lake', title: 'Lake' },
] as const

export type PageId = (typeof PAGES)[number]['id']

/** Where one is: a page, and what on it is looked at. */
export interface Place {
  page: PageId
  subject: string | undefined
}

/** Reads a path such as `/console/people/userId%3Au1`; what is none of the console's is its first page. */
export function placeOf(path: string): Place {
  const [, , id, subject] = path.split('/')
  const page = PAGES.find((one) => one.id === id)
  if (!page) return { page: 'live', subject: undefined }
  return { page: page.id, subject: subject ? decode(subject) : undefined }
}

/** The path of a place. */
export function pathOf(page: PageId, subject?: string): string {
  const base = page === 'live' ? '/console' : `/console/${page}`
  return subject === undefined ? base : `/console/${page}/${encodeURIComponent(subject)}`
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

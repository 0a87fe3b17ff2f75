import { applyCanonical, followViews, type PageFields } from './core/page-context.ts'
import type { Core } from './core-parts.ts'
import { forgetLink } from './landing.ts'
import { openSession } from './session-store.ts'
import type { Surroundings } from './standard.ts'

/** What events say of the page, the screen and the session, beside what the core knows. */
export function addContext(
  { seams, platform, name }: Core,
  { readCanonical, readDevice, readScreen }: Surroundings,
): void {
  const { store, newId } = platform
  const sessionAt = openSession(store, name('session'), newId)
  const followView = followViews()
  let device: Record<string, unknown> | undefined
  let current: PageFields
  // A page call may speak of another address than the document's (a view of a single-page app); its context then agrees,
  // where the options say nothing else.
  seams.change = (event) => {
    const { page } = { ...event.context } as { page?: Record<string, unknown> }
    if (event.type !== 'page' || !page) return event
    for (const [key, value] of Object.entries(current)) {
      if (page[key] === value) page[key] = event.properties?.[key] ?? value
    }
    return event
  }
  seams.context = (calledAtMs, page) => {
    current = page
    // Segment's stub notes it. Otherwise it is still the page's own, unless that is another by now.
    if (!('canonical' in page)) page.canonical = readCanonical(page.url)
    forgetLink(page)
    applyCanonical(page)
    followView(page)
    const { id, index, campaign, clickIds } = sessionAt(calledAtMs, page.search)
    device ??= readDevice()
    return { ...device, screen: readScreen(), session: { id, index }, campaign, clickIds }
  }
}

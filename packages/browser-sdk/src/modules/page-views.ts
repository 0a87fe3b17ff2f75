import { onLeave } from '../adapters/leave.ts'
import type { Plugin } from '../plugin.ts'
import type { Tracker } from '../tracker-api.ts'

/**
 * Time that an app has to set the title of its new page, milliseconds: a render can take several frames. The view has
 * the time of the navigation all the same, and does not wait when the page is left or the next view begins.
 */
const TITLE_WAIT_MS = 100

/** What {@link createPageViews} takes. */
export interface PageViewsOptions {
  /** Counts the view that the page begins with; `false` where the page calls `page()` for it. Default true. */
  first?: boolean
  /** Counts a change of the fragment as a view, whose `url` and `path` then have it. Default false. */
  hash?: boolean
}

/** A view that is not recorded yet. */
interface View {
  url: string
  path: string
  search: string
  timestamp: Date
}

/**
 * Page calls for single-page apps: one for the first view, and one for each change of path or query. The `referrer` of
 * a view is the address of the view before it.
 */
export function createPageViews({ first = true, hash = false }: PageViewsOptions = {}): Plugin {
  return {
    name: 'page-views',
    load({ page }) {
      const start = (): void => {
        const views = createViews(page, hash)
        views.begin(first)
        watchAddress(views.note, views.settle)
        onLeave(views.record)
        // A page that comes back from the back/forward cache is seen once more.
        addEventListener('pageshow', ({ persisted }) => persisted && views.begin(true))
      }
      // What is rendered ahead of time is not seen yet, and may never be.
      if ('prerendering' in document && document.prerendering) {
        document.addEventListener('prerenderingchange', start, { once: true })
      } else start()
    },
  }
}

interface Views {
  /** Starts anew with the document as it is now, and records it if `counts`. */
  begin(counts: boolean): void
  /** Takes note of a new address, if it is one. A redirect (`replaces`) of a view that still waits takes its place. */
  note(replaces: boolean): void
  /** The navigation is done: the title will soon be right. */
  settle(): void
  /** Records the view that waits, if one does. */
  record(): void
}

function createViews(page: Tracker['page'], hash: boolean): Views {
  let viewed: string | undefined
  let next: View | undefined
  let timer: ReturnType<typeof setTimeout>

  const here = (): string => (hash ? location.href : location.href.replace(/#.*/s, ''))

  function record(): void {
    if (!next) return
    const { timestamp, ...address } = next
    next = undefined
    if (address.url === viewed) return
    const properties = {
      ...(viewed && { referrer: viewed }),
      // Where the document still stands at this address, it knows more of it: its canonical link.
      ...((hash || here() !== address.url) && address),
    }
    viewed = address.url
    void page(properties, { timestamp })
  }

  function note(replaces: boolean): void {
    const url = here()
    if (url === (next?.url ?? viewed)) return
    if (!replaces) record()
    const { pathname, search } = location
    next = { url, path: pathname + (hash ? location.hash : ''), search, timestamp: new Date() }
  }

  function settle(): void {
    clearTimeout(timer)
    timer = setTimeout(record, TITLE_WAIT_MS)
  }

  return {
    begin(counts) {
      viewed = counts ? undefined : here()
      note(false)
      if (document.title) record()
      else settle()
    },
    note,
    settle,
    record,
  }
}

/** Calls `onChange` at each change of the address within the document, and `onSettled` when the app is done with it. */
function watchAddress(onChange: (replaces: boolean) => void, onSettled: () => void): void {
  // There is no entry where the API is switched off: in a sandboxed frame, say.
  if (globalThis.navigation?.currentEntry) {
    navigation.addEventListener('currententrychange', ({ navigationType }) =>
      onChange(navigationType === 'replace'),
    )
    // These wait for the handlers of an app that intercepts the navigation; of any other they come at once.
    navigation.addEventListener('navigatesuccess', onSettled)
    navigation.addEventListener('navigateerror', onSettled)
    return
  }
  const changed = (replaces: boolean): void => {
    onChange(replaces)
    onSettled()
  }
  for (const method of ['pushState', 'replaceState'] as const) {
    const original = history[method]
    history[method] = function (...args) {
      original.apply(this, args)
      changed(method === 'replaceState')
    }
  }
  for (const event of ['popstate', 'hashchange']) addEventListener(event, () => changed(false))
}

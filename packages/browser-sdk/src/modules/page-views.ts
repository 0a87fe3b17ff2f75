import { whenActivated } from '../adapters/activation.ts'
import { onLeave } from '../adapters/leave.ts'
import { listen } from '../adapters/listen.ts'
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
  return { load: ({ page }) => whenActivated(() => watchViews(page, first, hash)) }
}

function watchViews(page: Tracker['page'], first: boolean, hash: boolean): void {
  let viewed: string | undefined
  let next: View | undefined
  let timer: ReturnType<typeof setTimeout>

  const here = (): string => (hash ? location.href : location.href.replace(/#.*/s, ''))

  /** Records the view that waits, if one does. */
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

  /** Takes note of a new address, if it is one. A redirect (`replaces`) of a view that still waits takes its place. */
  function note(replaces: boolean): void {
    const url = here()
    if (url === (next?.url ?? viewed)) return
    if (!replaces) record()
    const { pathname, search } = location
    next = { url, path: pathname + (hash ? location.hash : ''), search, timestamp: new Date() }
  }

  /** The navigation is done: the title will soon be right. */
  function settle(): void {
    clearTimeout(timer)
    timer = setTimeout(record, TITLE_WAIT_MS)
  }

  /** Starts anew with the document as it is now, and records it if `counts`. */
  function begin(counts: boolean): void {
    viewed = counts ? undefined : here()
    note(false)
    if (document.title) record()
    else settle()
  }

  begin(first)
  watchAddress(note, settle)
  onLeave(record)
  // A page that comes back from the back/forward cache is seen once more.
  listen('pageshow', ({ persisted }) => persisted && begin(true))
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
  listen('popstate hashchange', () => changed(false))
}

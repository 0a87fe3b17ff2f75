import { onLeave } from '../adapters/leave.ts'
import { listen } from '../adapters/listen.ts'
import type { Plugin } from '../plugin.ts'
import type { Properties, Tracker } from '../tracker-api.ts'

/**
 * Tracks `Page Engaged` when a view ends (the page is left or hidden, or the next page call is made), with
 * - `engagedMs`: time for which the page was visible and had the focus, since the last such event of the view;
 * - `scrollDepthPercent`: how far down the page the person has seen in this view, 0 to 100.
 *
 * Nothing is tracked without new engaged time. In a single-page app, the views are those of its page calls, or of
 * the page-views module.
 */
export function createEngagement(): Plugin {
  return { load: watch }
}

function watch(tracker: Tracker): void {
  const { href, search, pathname } = location
  let path = pathname
  /** `context.page` of the view; of its page call, once there was one. */
  let page: unknown = { path, search, url: href.replace(/#.*/s, ''), title: document.title }
  let isCalled = false
  let engagedMs = 0
  /** When the engaged time that is not in `engagedMs` yet began, by `performance.now()`. */
  let sinceMs: number | undefined
  let depth: number | undefined

  function update(): void {
    const now = performance.now()
    if (sinceMs !== undefined) engagedMs += now - sinceMs
    sinceMs = !document.hidden && document.hasFocus() ? now : undefined
  }

  function look(): void {
    // Once the address has changed, what there is to see may be the next view's already.
    if (location.pathname !== path) return
    const share = (scrollY + innerHeight) / document.documentElement.scrollHeight
    depth = Math.max(depth ?? 0, Math.min(100, Math.round(share * 100)))
  }

  function report(): void {
    update()
    const properties: Properties = { engagedMs: Math.round(engagedMs), scrollDepthPercent: depth }
    engagedMs = 0
    if (properties.engagedMs) void tracker.track('Page Engaged', properties, { context: { page } })
  }

  tracker.on('recorded', ({ type, context }) => {
    if (type !== 'page') return
    // The first page call may be that of the view which is already being watched.
    if (isCalled || location.href !== href) {
      report()
      depth = undefined
    }
    isCalled = true
    page = context?.page
    path = location.pathname
  })
  listen('focus blur visibilitychange pageshow', update)
  // An app's navigation mostly follows an input: by then the depth of the view that ends has been looked at.
  listen('scroll pointerdown keydown', look)
  onLeave(() => {
    look()
    report()
    // In the back/forward cache the clock runs on.
    sinceMs = undefined
  })
  update()
}

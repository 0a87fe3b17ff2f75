import { whenActivated } from '../adapters/activation.ts'
import { onLeave } from '../adapters/leave.ts'
import { listen } from '../adapters/listen.ts'
import type { Plugin } from '../plugin.ts'
import type { Tracker } from '../tracker-api.ts'

/** Above the first a vital needs improvement, above the second it is poor (web.dev/articles/defining-core-web-vitals-thresholds). */
const LIMITS = {
  LCP: [2500, 4000],
  CLS: [0.1, 0.25],
  INP: [200, 500],
  FCP: [1800, 3000],
  TTFB: [800, 1800],
} as const

type Name = keyof typeof LIMITS

/** Beginnings of `visibility-state`, `paint`, `largest-contentful-paint`, `layout-shift`, `event` and `first-input`. */
const ENTRY_TYPES = /^(visib|paint|larg|layout|event|first)/

/** Shorter events are not looked at for INP, but for the first: nothing is amiss with them. */
const LEAST_EVENT_MS = 40

/** No more of the longest interactions are left out, however many there were: as in the library. */
const MAX_LEFT_OUT = 9

/** What is read of entries, whatever their type. */
interface Entry extends PerformanceEntry {
  /** Of the navigation. */
  activationStart?: number
  responseStart: number
  type: string
  /** Of a layout shift. */
  value: number
  hadRecentInput: boolean
  /** Of an event: what it is a part of; 0 without. Absent where the browser does not know of interactions. */
  interactionId?: number
}

/**
 * Tracks `Web Vital` for FCP and TTFB when they are known, for LCP, CLS and INP when the page is hidden, and for the last
 * two again when they have grown until it is hidden once more: `name`, `value` (milliseconds; CLS without unit), `rating`
 * (`good`, `needs-improvement`, `poor`), `delta` (the part of `value` that no earlier event of the same `id` had), `id`
 * and `navigationType`. A return from the back/forward cache is measured as a visit of its own. The values are those of
 * Google's library web-vitals; what the browser cannot measure is left out.
 */
export function createWebVitals(): Plugin {
  return { load: ({ track }) => whenActivated(() => watch(track)) }
}

function watch(track: Tracker['track']): void {
  const { activationStart, responseStart, navigationType } = readNavigation()
  let hiddenAtMs = document.hidden ? 0 : Number.POSITIVE_INFINITY
  let visit = openVisit(track, navigationType, 0)
  let lcp: number | undefined

  function takeAll(entries: PerformanceEntryList): void {
    for (const entry of entries as Entry[]) {
      const { entryType, name, startTime } = entry
      const sinceMs = Math.max(startTime - activationStart, 0)
      visit.take(entry)
      // Before this script was there, too, where the browser remembers. They come in the order of their times.
      if (name === 'hidden' && startTime >= activationStart) {
        hiddenAtMs = Math.min(hiddenAtMs, startTime)
      }
      // What a page paints in the background, nobody waits for.
      if (startTime >= hiddenAtMs) continue
      if (name === 'first-contentful-paint') visit.tell('FCP', sinceMs)
      if (entryType === 'largest-contentful-paint') lcp = sinceMs
    }
  }

  // Some browsers do not tell it, or make it up (GoogleChrome/web-vitals#137, #162, #275).
  if (responseStart > 0 && responseStart < performance.now()) {
    visit.tell('TTFB', Math.max(responseStart - activationStart, 0))
  }
  const observer = new PerformanceObserver((list) => takeAll(list.getEntries()))
  const options = { buffered: true, durationThreshold: LEAST_EVENT_MS }
  // Firefox and Safari warn of types that they do not know.
  for (const type of PerformanceObserver.supportedEntryTypes) {
    if (ENTRY_TYPES.test(type)) observer.observe({ type, ...options })
  }
  onLeave(() => {
    takeAll(observer.takeRecords())
    hiddenAtMs = Math.min(hiddenAtMs, performance.now())
    visit.end(lcp)
  })
  listen('pageshow', ({ persisted, timeStamp }: PageTransitionEvent) => {
    if (!persisted) return
    visit = openVisit(track, 'back-forward-cache', performance.interactionCount)
    visit.tell('TTFB', 0)
    lcp = undefined
    // By the second frame, the first is on the screen.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        lcp = performance.now() - timeStamp
        visit.tell('FCP', lcp)
        visit.tell('LCP', lcp)
      }),
    )
  })
}

/** What is measured anew when the page comes back, and what has been told of it. `counted` are the interactions before. */
function openVisit(track: Tracker['track'], navigationType: string, counted: number) {
  const visitId = `${Date.now()}-${Math.random()}`
  const told: Partial<Record<Name, number>> = {}
  /** Longest event of each interaction, milliseconds. */
  const interactions = new Map<number, number>()
  let cls = 0
  let burst = 0
  let burstAtMs = Number.NEGATIVE_INFINITY
  let shiftedAtMs = burstAtMs

  function tell(name: Name, value: number | undefined): void {
    if (value === undefined || value === told[name]) return
    const [good, poor] = LIMITS[name]
    const rating = value > poor ? 'poor' : value > good ? 'needs-improvement' : 'good'
    const delta = value - (told[name] ?? 0)
    const id = `${name}-${visitId}`
    told[name] = value
    void track('Web Vital', { name, value, rating, delta, id, navigationType })
  }

  /** Shifts less than a second apart, and five in all, are one burst: CLS is the largest (web.dev/articles/cls). */
  function shift({ value, startTime }: Entry): void {
    if (startTime - shiftedAtMs >= 1000 || startTime - burstAtMs >= 5000) {
      burst = 0
      burstAtMs = startTime
    }
    shiftedAtMs = startTime
    burst += value
    cls = Math.max(cls, burst)
  }

  return {
    tell,
    take(entry: Entry) {
      const { interactionId, duration } = entry
      if (interactionId) {
        interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0))
      }
      if (entry.hadRecentInput === false) shift(entry)
    },
    end(lcp: number | undefined) {
      tell('LCP', lcp)
      // Nothing can shift before there is anything to see.
      if ('FCP' in told) tell('CLS', cls)
      // INP: the longest, leaving out one for each fifty (web.dev/articles/inp). No browser counts them before Chrome 96.
      const longest = [...interactions.values()].sort((a, b) => b - a)
      const left = Math.floor((performance.interactionCount - counted) / 50) || 0
      tell('INP', longest[Math.min(left, MAX_LEFT_OUT, longest.length - 1)])
    },
  }
}

function readNavigation() {
  const {
    activationStart = 0,
    responseStart = 0,
    type = 'navigate',
  } = (performance.getEntriesByType('navigation')[0] ?? {}) as Partial<Entry>
  const navigationType = activationStart ? 'prerender' : type.replace(/_/g, '-')
  return { activationStart, responseStart, navigationType }
}

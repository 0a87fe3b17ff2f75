import { listen } from '../../adapters/listen.ts'
import { parseJson } from '../../core/json.ts'
import { recordOf } from '../../core/record-of.ts'
import type { Storage } from '../../platform.ts'

/** What is known of a person's will for one category. */
export type ConsentState = 'pending' | 'granted' | 'denied'

/** The state of each category that is required or decided. */
export type ConsentStates = Record<string, ConsentState>

/** Decisions by category; categories that are not named stay as they are. */
export type ConsentUpdate = Record<string, boolean>

/** Tells of decisions that are made elsewhere, in a consent banner for one: calls `tell` with each, for the page's life. */
export type ConsentSource = (tell: (update: ConsentUpdate) => void) => void

/** How `loadWithConsent` decides. In a script tag, each is a `data-consent-` attribute. */
export interface ConsentOptions {
  /** Categories that must all be granted before anything is stored or sent. Default `['analytics']`. */
  required?: string[] | undefined
  /** State of the required categories until somebody decides. Default `pending`. */
  initial?: ConsentState | undefined
  /**
   * Keeps decisions in localStorage under `tributary:consent`, and follows those of other tabs. Default false: a consent
   * banner mostly remembers by itself. While true, that key alone is read before consent.
   */
  remember?: boolean | undefined
  /**
   * What `navigator.globalPrivacyControl` means where a browser has it on, above any other decision: `default` denies
   * `gpcCategories`, `deny-all` every category, `ignore` none.
   */
  gpc?: 'default' | 'deny-all' | 'ignore' | undefined
  /**
   * Default `['marketing']`: the signal objects to a person's data being sold or shared (W3C Global Privacy Control,
   * section 2), and a site's own analytics does neither.
   */
  gpcCategories?: string[] | undefined
  /** Where decisions come from, besides calls of `consent`. Default none. */
  sources?: ConsentSource[] | undefined
}

const REMEMBERED = 'tributary:consent'

/** A category that is denied outweighs one that is pending, and that one those that are granted. */
const ORDER = ['denied', 'pending', 'granted'] as const

/** The decisions so far, with the browser's signal above them. */
export interface Decisions {
  /** The required categories as one; `undefined` without any. */
  status(): ConsentState | undefined
  states(): ConsentStates
  /** The decided categories, in Segment's shape. */
  preferences(): ConsentUpdate
  /** Takes decisions, and returns the states. What is neither true nor false decides nothing. */
  decide(update?: unknown): ConsentStates
  /** Takes what was remembered, and goes on to take what other tabs decide. */
  recall(): void
}

/** @param onChange Called when a state has changed. */
export function createDecisions(
  { required = ['analytics'], gpcCategories = ['marketing'], ...options }: ConsentOptions,
  storage: Storage,
  onChange: () => void,
): Decisions {
  const { gpc, remember } = options
  // A word that is misspelt must not start anything.
  const initial = ORDER.find((state) => state === options.initial) ?? 'pending'
  const decided: ConsentStates = {}

  function states(): ConsentStates {
    const found = { ...fill(required, initial), ...decided }
    if (gpc === 'ignore' || !hasSignal()) return found
    return { ...found, ...fill(gpc === 'deny-all' ? Object.keys(found) : gpcCategories, 'denied') }
  }

  function take(update: unknown): void {
    const before = JSON.stringify(states())
    for (const [name, is] of Object.entries(update ?? {})) {
      if (typeof is === 'boolean') decided[name] = is ? 'granted' : 'denied'
    }
    if (JSON.stringify(states()) !== before) onChange()
  }

  return {
    states,
    status: () => ORDER.find((state) => required.some((name) => states()[name] === state)),
    preferences: () => preferencesOf(states()),
    recall() {
      if (!remember) return
      const reread = (): void => take(parseJson(storage.get(REMEMBERED)))
      reread()
      // The second for what was decided while this page was in the back/forward cache.
      listen('storage pageshow', reread)
    },
    decide(update) {
      take(update)
      if (remember && update) storage.set(REMEMBERED, JSON.stringify(preferencesOf(decided)))
      return states()
    },
  }
}

/** The browser sends Global Privacy Control; read anew each time, as a person can switch it on. */
function hasSignal(): boolean | undefined {
  return (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl
}

function fill(names: string[], state: ConsentState): ConsentStates {
  return recordOf(names, () => state)
}

function preferencesOf(states: ConsentStates): ConsentUpdate {
  const decided = Object.keys(states).filter((name) => states[name] !== 'pending')
  return recordOf(decided, (name) => states[name] === 'granted')
}

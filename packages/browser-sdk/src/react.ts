import type { Plan } from '@tributary/protocol'
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react'
import { createInertTracker } from './inert-tracker.ts'
import { TributaryBrowser } from './load.ts'
import type { LoadOptions } from './options.ts'
import type { Properties, Tracker } from './tracker-api.ts'
import type { PlannedTrack, TypedTracker } from './typed-tracker.ts'

/** Either a tracker, or the options to load one with. */
export type TributaryProviderProps = { children?: ReactNode } & (
  | { tracker: Tracker; options?: never }
  | {
      /** Read once. Two providers with the same options share one tracker. */
      options: LoadOptions
      tracker?: never
    }
)

/** The hooks with the types of a plan; see {@link createHooks}. */
export interface Hooks<P extends Plan> {
  useTributary(): TypedTracker<P>
  useTrack(): PlannedTrack<P>
}

const TrackerContext = createContext<Tracker | undefined>(undefined)

/** Trackers by their options: what StrictMode mounts twice, or a page mounts again, must not start a second one. */
const loaded = new Map<string, Tracker>()

/**
 * Gives the components below it their tracker. With `options`, the tracker is loaded in an effect, or by the first call
 * that comes before (effects of children run first): never while rendering, and never on a server, where calls do nothing.
 */
export function TributaryProvider(props: TributaryProviderProps): ReactElement {
  const { tracker, options, children } = props
  const [deferred] = useState(() => options && deferTracker(options))
  const value = tracker ?? deferred
  useEffect(() => {
    // Loads it though nothing calls it: earlier pages may have left events.
    void deferred?.ready()
  }, [deferred])
  return createElement(TrackerContext.Provider, { value }, children)
}

/** The tracker of the nearest {@link TributaryProvider}; it stays the same. Throws where there is none. */
export function useTributary<P extends Plan = Plan>(): TypedTracker<P> {
  const tracker = useContext(TrackerContext)
  if (!tracker) throw new Error('Tributary: there is no TributaryProvider around this component.')
  return tracker as unknown as TypedTracker<P>
}

/** The tracker's `track`, for handlers and effects; it stays the same. Throws where there is no {@link TributaryProvider}. */
export function useTrack<P extends Plan = Plan>(): PlannedTrack<P> {
  return useTributary<P>().track
}

/**
 * Makes a page call when the component is mounted and each time that `address` becomes another one. Not beside the
 * `page-views` module, which does the same without a router.
 *
 * @param address What the router shows: path, query, or whatever else makes a view another one.
 * @param name Name of the page.
 */
export function usePageViews(address: string, name?: string, properties?: Properties): void {
  const tracker = useTributary()
  const viewed = useRef<string>(undefined)
  useEffect(() => {
    // StrictMode runs the effects of a mount twice.
    if (viewed.current === address) return
    viewed.current = address
    void tracker.page(name, properties)
  })
}

/**
 * The hooks for the events of a plan, so that it need not be named at each use:
 *
 * ```ts
 * import type { plan } from './plan.ts'
 * export const { useTrack, useTributary } = createHooks<typeof plan>()
 * ```
 */
export function createHooks<P extends Plan>(): Hooks<P> {
  return { useTributary: useTributary<P>, useTrack: useTrack<P> }
}

/** A tracker that is loaded by the first call of it. Its methods stay the same, and may be passed around. */
function deferTracker(options: LoadOptions): Tracker {
  const methods = Object.keys(createInertTracker()) as (keyof Tracker)[]
  return Object.fromEntries(
    methods.map((method) => [
      method,
      (...args: unknown[]) => (load(options)[method] as (...args: unknown[]) => unknown)(...args),
    ]),
  ) as unknown as Tracker
}

function load(options: LoadOptions): Tracker {
  const { writeKey, endpoint, host } = options
  const key = `${writeKey} ${endpoint ?? host ?? ''}`
  const tracker = loaded.get(key) ?? TributaryBrowser.load(options)
  loaded.set(key, tracker)
  return tracker
}

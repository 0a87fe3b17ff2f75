import { warn } from './adapters/console.ts'
import { browserPlatform } from './browser-platform.ts'
import { readStubCall } from './core/stub-call.ts'
import { type RunningTracker, startTracker } from './tracker.ts'
import type { Tracker } from './tracker-api.ts'

/** The tracker as a page sees it: it may still be called the way its stub was. */
interface GlobalTracker extends Tracker {
  /** Segment's snippet looks here whether to call through or to keep the call. */
  initialized: true
  /** Makes calls given as `[method, ...args]`. The number means nothing: an array's push has one. */
  push(...all: unknown[]): number
}

/** The array that stands in for the tracker until this script has loaded; `methods` is Segment's list of its calls. */
type Stub = unknown[] & { methods?: string[] }

const globals = globalThis as { tributary?: Stub | GlobalTracker; analytics?: unknown }

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[data-write-key]')
const writeKey = script?.dataset.writeKey

if (!writeKey) warn('Tributary: the script tag has no data-write-key.')
// With a tracker there, the script is on the page twice.
if (script && writeKey && (!globals.tributary || Array.isArray(globals.tributary))) {
  const endpoint = script.dataset.endpoint || new URL(script.src).origin
  start(startTracker({ writeKey, endpoint }, browserPlatform()))
}

function start({ tracker, callsFrom }: RunningTracker): void {
  const global: GlobalTracker & Record<string, unknown> = {
    ...tracker,
    initialized: true,
    push(...all) {
      for (const kept of all) {
        const { method = '', args = [], ...origin } = readStubCall(kept) ?? {}
        const calls: Record<string, unknown> = { ...tracker, ...callsFrom(origin) }
        const call = Object.hasOwn(calls, method) && calls[method]
        if (typeof call === 'function') call(...args)
      }
      return 0
    },
  }
  for (const stub of [globals.tributary, globals.analytics]) {
    if (!Array.isArray(stub)) continue
    global.push(...stub.splice(0))
    // References to the stub that the page has kept go on working.
    stub.push = global.push
    // Segment's `on`, `debug`, `trackLink`… have nothing to do here; a page that calls them must not break.
    const { methods = [] } = stub as Stub
    for (const method of methods) global[method] ??= () => global
  }
  if (Array.isArray(globals.analytics)) globals.analytics = global
  globals.tributary = global
}

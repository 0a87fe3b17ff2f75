import { browserPlatform } from './browser-platform.ts'
import { readStubCall } from './core/stub-call.ts'
import type { LoadOptions } from './options.ts'
import { type RunningTracker, startTracker } from './tracker.ts'
import type { Tracker } from './tracker-api.ts'

/** The tracker as a page sees it: it may still be called the way its stub was. */
interface GlobalTracker extends Tracker {
  /** The script tag's options, for the optional parts. */
  settings: object
  /** Makes calls given as `[method, ...args]`. The number means nothing: an array's push has one. */
  push(...all: unknown[]): number
}

/** What stands in for the tracker until it runs: Segment's array, or ours. */
type Stub = unknown[] & {
  /** Under which ours leaves its calls in storage. */
  id?: string
  /** Segment's list of its calls. */
  methods?: string[]
  /** Segment's `load(key, options)`. */
  _writeKey?: string
  _loadOptions?: object
}

const globals = globalThis as { tributary?: Stub | GlobalTracker; analytics?: unknown }

const script = document.currentScript as HTMLScriptElement | null
const segment = (Array.isArray(globals.analytics) ? globals.analytics : []) as Stub
const settings = {
  endpoint: script ? new URL(script.src).origin : '',
  writeKey: segment._writeKey ?? '',
  ...segment._loadOptions,
  ...script?.dataset,
  stub: (globals.tributary as Stub | undefined)?.id,
} as LoadOptions & Record<string, string | undefined>

const platform = browserPlatform()

// With a tracker there, the script is on the page twice.
if (!globals.tributary || Array.isArray(globals.tributary)) {
  globals.tributary ??= []
  Object.assign(globals.tributary, { start, takeOver, platform, settings })
  // Where the module does not load, nothing ever starts: that is the safe side.
  if ('consent' in settings) addScript('consent')
  else takeOver(start())
}

/** Loads an optional part from where this script came from. */
function addScript(name: string): HTMLScriptElement {
  const element = document.createElement('script')
  element.src = `${script?.src}`.replace(/\.js(?!.*\.js)/, `.${name}.js`)
  document.head.append(element)
  return element
}

/** Starts the tracker. Calls wait for the standard part, though not beyond the life of the page. */
function start(): RunningTracker {
  const running = startTracker(settings, platform)
  addScript('standard').onerror = () => running.extend()
  return running
}

/** Puts a tracker in the place of the stub, and makes the calls that it has kept. */
function takeOver({
  tracker,
  callsFrom,
  extend,
}: Pick<RunningTracker, 'tracker' | 'callsFrom' | 'extend'>): void {
  const stub = globals.tributary as Stub
  const global = Object.assign(tracker, { settings, extend, callsFrom, push, addScript })

  function push(...all: unknown[]): number {
    for (const kept of all) {
      if (!Array.isArray(kept)) continue
      const { method, args, ...origin } = readStubCall(kept)
      const calls: Record<string, unknown> = { ...global, ...callsFrom(origin) }
      const call = calls[method]
      if (typeof call === 'function') call(...args)
    }
    return 0
  }

  push(...stub.splice(0))
  // References to the stub that the page has kept go on working.
  stub.push = push
  globals.tributary = global
}

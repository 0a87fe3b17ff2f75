import { browserPlatform } from './browser-platform.ts'
import { readStubCall } from './core/stub-call.ts'
import type { Extension } from './core-parts.ts'
import { makeCall } from './make-call.ts'
import type { LoadOptions } from './options.ts'
import type { Platform } from './platform.ts'
import type { RunningTracker } from './tracker.ts'
import type { Tracker } from './tracker-api.ts'

/** The options of the script tag as they stand there: `data-flush-at` is `flushAt`, and everything is a string. */
export type ScriptSettings = Record<string, string | undefined>

/** Starts an optional part, some time after it returns. */
type AddPart = (name: string) => unknown

/** The tracker as a page sees it: it may still be called the way its stub was. The parts find here what is theirs. */
export interface PageTracker extends Tracker {
  settings: ScriptSettings
  /** Makes calls given as `[method, ...args]`. The number means nothing: an array's push has one. */
  push(...all: unknown[]): number
  extend(extension: Extension): void
  addPart: AddPart
}

/** What Segment's snippet has of its `load(key, options)`. */
interface SegmentStub {
  _writeKey?: string
  _loadOptions?: object
}

/** What the stub has for the part `consent`, where the tag asks for it. */
export interface Held {
  start(): RunningTracker
  takeOver(tracker: Omit<RunningTracker, 'core'>): void
  platform: Platform
  settings: ScriptSettings & LoadOptions
}

const globals = globalThis as unknown as {
  tributary?: unknown[] | PageTracker
  analytics?: SegmentStub
}

/**
 * Puts a tracker on the page of a script tag, in the place of its stub.
 *
 * @param begin Starts the tracker: at once, or once the part `consent` says so.
 */
export function startScript(
  script: HTMLScriptElement | null,
  addPart: AddPart,
  begin: (settings: LoadOptions, platform: Platform) => RunningTracker,
): void {
  const { _writeKey: writeKey = '', _loadOptions } = globals.analytics ?? {}
  const settings = {
    endpoint: script ? new URL(script.src).origin : '',
    writeKey,
    ..._loadOptions,
    ...script?.dataset,
    stub: (globals.tributary as { id?: string } | undefined)?.id,
  } as Held['settings']
  const platform = browserPlatform()
  const start = (): RunningTracker => begin(settings, platform)

  globals.tributary ??= []
  // With a tracker there, the script is on the page twice.
  if (Array.isArray(globals.tributary)) {
    Object.assign(globals.tributary, { start, takeOver, platform, settings } satisfies Held)
    // Where the module does not load, nothing ever starts: that is the safe side.
    if ('consent' in settings) addPart('consent')
    else takeOver(start())
  }

  /** Puts a tracker in the place of the stub, and makes the calls that it has kept. */
  function takeOver(running: Omit<RunningTracker, 'core'>): void {
    const stub = globals.tributary as unknown[]
    const { tracker, extend } = running
    const push = (...all: unknown[]): number => {
      for (const kept of all) if (Array.isArray(kept)) makeCall(running, readStubCall(kept))
      return 0
    }
    globals.tributary = Object.assign(tracker, { settings, extend, push, addPart })
    push(...stub.splice(0))
    // References to the stub that the page has kept go on working.
    stub.push = push
  }
}

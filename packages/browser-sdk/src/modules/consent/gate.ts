import { EVENT_TYPES } from '@tributary/protocol'
import { ownKeys, wipe } from '../../clear-queue.ts'
import { createEmitter } from '../../core/emitter.ts'
import { createLedger } from '../../core/ledger.ts'
import { recordOf } from '../../core/record-of.ts'
import { withContext } from '../../core/with-context.ts'
import type { DeliveryStats } from '../../delivery.ts'
import type { Platform } from '../../platform.ts'
import type { EventHook, Plugin, SourceMiddleware } from '../../plugin.ts'
import type { RunningTracker } from '../../tracker.ts'
import type { Tracker } from '../../tracker-api.ts'
import { type Calls, createCalls, ORDERED_CALLS, type OrderedCalls, type Origin } from './calls.ts'
import {
  type ConsentOptions,
  type ConsentState,
  type ConsentStates,
  type ConsentUpdate,
  createDecisions,
} from './decisions.ts'

/** A tracker that starts with the person's consent, and ends with its withdrawal. */
export interface ConsentTracker extends Tracker {
  /** Takes decisions, if any, and returns the state of every category that is required or decided. */
  consent(update?: ConsentUpdate): ConsentStates
  /** Calls `listener` with the states whenever they have changed. */
  onConsent(listener: (states: ConsentStates) => unknown): void
}

/** A tracker behind the gate, in the shape that the core gives its own. */
export interface Gate extends Pick<RunningTracker, 'callsFrom' | 'extend'> {
  tracker: ConsentTracker
}

/** What the gate takes from the core, which in a script tag is on the page already. */
export interface Core {
  start(): RunningTracker
  platform: Pick<Platform, 'now' | 'readPage' | 'store'>
}

/** User and group of a page on which nothing runs. */
const NOBODY = { id() {}, anonymousId() {}, traits: () => ({}) } as ReturnType<Tracker['user']>

/** The tracker of a page, while there is one. */
interface Runs {
  /** The one that runs. */
  tracker?: Tracker | undefined
  /** The last that was started. */
  last?: Tracker | undefined
  /** What is done to each as it starts. */
  prepared: ((tracker: Tracker) => unknown)[]
  /** Starts, ends or leaves the tracker as the status says. */
  follow(): void
  /** Adds to the one that runs. */
  extend: RunningTracker['extend']
}

function createRuns(
  { start, platform }: Core,
  writeKey: string,
  status: () => ConsentState | undefined,
  send: Calls['send'],
): Runs {
  let run: RunningTracker | undefined
  let wiping: Promise<void> | undefined

  function begin(): void {
    send(undefined)
    // What an earlier consent has left must be gone before a new one's begins.
    if (wiping) return
    if (!run) {
      run = start()
      runs.last = runs.tracker = run.tracker
      // A copy: what is added meanwhile, by a plugin's `load`, is done at once.
      for (const work of [...runs.prepared]) work(run.tracker)
    }
    send(run)
  }

  function end(): void {
    send('nowhere')
    // Without a tracker, there is only what an earlier page has stored.
    if (!run && (wiping || !ownKeys(platform.store, writeKey)[0])) return
    wiping = wipe((run ?? start()).core, 'consent').then(wiped, wiped)
    run = runs.tracker = undefined
  }

  function wiped(): void {
    wiping = undefined
    if (status() === 'granted') begin()
  }

  const runs: Runs = {
    prepared: [],
    follow() {
      if (status() === 'denied') end()
      else if (status() !== 'pending') begin()
    },
    extend: (extension) => run?.extend(extension),
  }
  return runs
}

/**
 * Puts a tracker behind the person's consent. Until the required categories are granted nothing is started: nothing is
 * stored, no request is made, and calls wait in memory. A denial drops them, and removes what an earlier consent has left.
 */
export function createGate(core: Core, writeKey: string, options: ConsentOptions): Gate {
  const { on, once, off, emit } = createEmitter()
  const { make, send, counts } = createCalls(core.platform, (notice) => emit('dropped', notice))
  const decisions = createDecisions(options, core.platform.store, () => {
    runs.follow()
    emit('consent', decisions.states())
  })
  const runs = createRuns(core, writeKey, decisions.status, send)
  const heard = new Set<string>()

  /** A call that is made to the tracker that runs, and to each that will. */
  const keep =
    (method: keyof Tracker) =>
    (...args: unknown[]): Tracker => {
      const work = (to: Tracker): unknown =>
        (to[method] as (...args: unknown[]) => unknown)(...args)
      runs.prepared.push(work)
      if (runs.tracker) work(runs.tracker)
      return tracker
    }

  /** Listeners are kept here: they outlive a tracker, and hear of calls that come to none. */
  const listen =
    (change: typeof on): Tracker['on'] =>
    (name, listener) => {
      change(name, listener)
      if (!heard.has(name)) keep('on')(name, (...args: unknown[]) => emit(name, ...args))
      heard.add(name)
    }

  const callsFrom = (origin: Origin): OrderedCalls =>
    recordOf(
      ORDERED_CALLS,
      (method) =>
        (...args: unknown[]) =>
          method === 'group' && !args.length
            ? (runs.tracker?.group() ?? NOBODY)
            : make(method, args, origin),
    ) as OrderedCalls

  const tracker: ConsentTracker = {
    ...callsFrom({}),
    consent: decisions.decide,
    onConsent: (listener) => on('consent', listener),
    user: () => runs.tracker?.user() ?? NOBODY,
    flush: async () => runs.tracker?.flush(),
    stats: () => statsOf(counts(), runs.last),
    on: listen(on),
    once: listen(once),
    off: listen(off),
    register: async (...all) =>
      void keep('register')(...all.map((one) => loadingOnce(one, tracker))),
    addSourceMiddleware: async (middleware) => void keep('addSourceMiddleware')(middleware),
    debug: keep('debug'),
    trackLink: keep('trackLink'),
    trackForm: keep('trackForm'),
  }

  void tracker.addSourceMiddleware(stamping(decisions.preferences))
  decisions.recall()
  runs.follow()
  for (const source of options.sources ?? []) source(tracker.consent)
  return { tracker, callsFrom, extend: runs.extend }
}

/** A plugin that is registered with every tracker, but loaded once: what it then watches calls the gate. */
function loadingOnce(plugin: Plugin, tracker: Tracker): Plugin {
  let { load } = plugin
  return {
    ...recordOf(EVENT_TYPES, (type) => plugin[type]?.bind(plugin) as EventHook),
    type: plugin.type as 'before',
    load() {
      const first = load
      load = undefined
      first?.call(plugin, tracker)
    },
  }
}

/** Writes the decided categories into every event, in Segment's shape. */
function stamping(preferences: () => ConsentUpdate): SourceMiddleware {
  return ({ payload, next }) => {
    next({ obj: withContext(payload.obj, 'consent', { categoryPreferences: preferences() }) })
  }
}

/** The accounts of a tracker with those of the calls that came to none. */
function statsOf(
  { dropped, pending }: ReturnType<Calls['counts']>,
  tracker?: Tracker,
): DeliveryStats {
  const stats: DeliveryStats = tracker?.stats() ?? { ...createLedger().stats(), storage: 'memory' }
  stats.created += dropped + pending
  stats.dropped += dropped
  stats.pending += pending
  stats.reasons ??= {}
  if (dropped) stats.reasons.consent = (stats.reasons.consent ?? 0) + dropped
  return stats
}

import { EVENT_TYPES, type EventType } from '@tributary/protocol'
import type { Ending, Notice } from '../../core/ending.ts'
import { snapshot } from '../../core/json.ts'
import type { StubCall } from '../../core/stub-call.ts'
import { makeCall } from '../../make-call.ts'
import type { Platform } from '../../platform.ts'
import type { RunningTracker } from '../../tracker.ts'
import type { Receipt, Tracker } from '../../tracker-api.ts'

/** Calls that wait for a decision; beyond them the oldest are dropped: a page may stay undecided for days. */
const MAX_WAITING_CALLS = 1000

/** A tracker that calls go on to. */
type Target = Pick<RunningTracker, 'tracker' | 'callsFrom'>

/** When and where a call was made, if that is not now. */
export type Origin = Parameters<RunningTracker['callsFrom']>[0]

type Method = EventType | 'ready' | 'reset' | 'setAnonymousId'

/** The calls that take effect in their order. */
export type OrderedCalls = Pick<Tracker, Method>

/** Their names. */
export const ORDERED_CALLS: Method[] = [...EVENT_TYPES, 'ready', 'reset', 'setAnonymousId']

interface WaitingCall extends StubCall {
  resolve(result: unknown): void
}

/** The calls of a page: they wait, are dropped, or go on to a tracker. */
export interface Calls {
  /** Makes a call, now or when it may be. Returns what the tracker does, or a promise of it. */
  make(method: Method, args: unknown[], origin: Origin): unknown
  /** Where calls go: `undefined` lets them wait. */
  send(to: Target | 'nowhere' | undefined): void
  /** Events that came to no tracker. */
  counts(): { dropped: number; pending: number }
}

/** @param onDropped Told of each event that is dropped. */
export function createCalls(
  platform: Pick<Platform, 'now' | 'readPage'>,
  onDropped: (notice: Notice) => void,
): Calls {
  const waiting: WaitingCall[] = []
  let target: Target | 'nowhere' | undefined
  let dropped = 0

  function drop({ method, args, resolve }: WaitingCall): void {
    const ending: Ending = { outcome: 'dropped', reason: 'consent' }
    const receipt: Receipt = { event: undefined, delivered: Promise.resolve(ending) }
    resolve(receipt)
    const callback = args.find((arg) => typeof arg === 'function') as (it: Receipt) => unknown
    Promise.resolve(receipt)
      .then(callback)
      .catch(() => {})
    if (!isEvent({ method })) return
    dropped++
    onDropped({ messageId: '', ...ending })
  }

  return {
    make(method, args, origin) {
      if (typeof target === 'object') return makeCall(target, { ...origin, method, args })
      const made = new Promise((resolve) => {
        const { atMs = platform.now(), page = platform.readPage() } = origin
        waiting.push({ method, args: args.map(snapshot), atMs, page, resolve })
        if (target || waiting.length > MAX_WAITING_CALLS) drop(waiting.shift() as WaitingCall)
      })
      // The one call whose result the page has at once: no id is in use.
      return method === 'setAnonymousId' ? undefined : made
    },
    send(to) {
      // What is called meanwhile, by a listener or a plugin, waits for its turn.
      target = undefined
      while (to && waiting[0]) {
        const call = waiting.shift() as WaitingCall
        if (to === 'nowhere') drop(call)
        else call.resolve(makeCall(to, call))
      }
      target = to
    },
    counts: () => ({ dropped, pending: waiting.filter(isEvent).length }),
  }
}

function isEvent({ method }: Pick<WaitingCall, 'method'>): boolean {
  return EVENT_TYPES.includes(method as EventType)
}

import { readSegmentCall } from './core/segment-call.ts'
import type { StubCall } from './core/stub-call.ts'
import type { RunningTracker } from './tracker.ts'
import type { Tracker } from './tracker-api.ts'

/** The array of Segment's snippet; `methods` is its list of its calls. */
type SegmentStub = unknown[] & { methods?: string[] }

/** The tracker as the script has put it on the page. */
interface GlobalTracker extends Tracker, Pick<RunningTracker, 'callsFrom'> {
  /** Segment's snippet looks here whether to call through or to keep the call. */
  initialized?: true
  push(...calls: unknown[]): number
}

/**
 * Puts the tracker in the place of Segment's stub, if there is one, and makes the calls that it has kept. References to the
 * stub that the page has kept go on working.
 */
export function takeOverSegment(tracker: GlobalTracker): void {
  tracker.initialized = true
  tracker.push = (...all) => {
    for (const kept of all) if (Array.isArray(kept)) make(readSegmentCall(kept))
    return 0
  }
  const globals = globalThis as { analytics?: SegmentStub | GlobalTracker }
  const stub = globals.analytics
  if (!Array.isArray(stub)) return
  const calls = tracker as unknown as Record<string, unknown>
  // A call of Segment's that has nothing to do here must not break the page that makes it.
  for (const method of stub.methods ?? []) calls[method] ??= () => tracker
  tracker.push(...stub.splice(0))
  stub.push = tracker.push
  globals.analytics = tracker

  function make({ method, args, ...origin }: StubCall): void {
    const all: Record<string, unknown> = { ...tracker, ...tracker.callsFrom(origin) }
    const call = all[method]
    if (typeof call === 'function') call(...args)
  }
}

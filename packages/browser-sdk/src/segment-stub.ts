import { fromSegment } from './core/segment-call.ts'
import type { PageTracker } from './start-script.ts'

/** The array of Segment's snippet; `methods` is its list of its calls. */
type SegmentStub = unknown[] & { methods?: string[] }

/**
 * Puts the tracker in the place of Segment's stub, if there is one, and makes the calls that it has kept. References to the
 * stub that the page has kept go on working.
 */
export function takeOverSegment(tracker: PageTracker): void {
  const globals = globalThis as { analytics?: SegmentStub | PageTracker }
  const stub = globals.analytics
  const { push } = tracker
  tracker.push = (...all) => push(...all.map((kept) => fromSegment(kept, new Date())))
  // Segment's snippet looks here whether to call through or to keep the call.
  const calls = Object.assign(tracker, { initialized: true }) as unknown as Record<string, unknown>
  if (!Array.isArray(stub)) return
  // A call of Segment's that has nothing to do here must not break the page that makes it.
  for (const method of stub.methods ?? []) calls[method] ??= () => tracker
  tracker.push(...stub.splice(0))
  stub.push = tracker.push
  globals.analytics = tracker
}

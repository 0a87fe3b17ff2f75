import { leftAt, leftCalls } from '../../core/stub-leftovers.ts'
import type { Core } from '../../core-parts.ts'
import { takeOverSegment } from '../../segment-stub.ts'
import { standard } from '../../standard.ts'
import type { PageTracker } from '../../start-script.ts'
import { words } from '../core/words.ts'

/** A page that has waited longer than this for its tracker, or the standard part, has ended, or done without: for that part it waits half as long. */
const PATIENCE_MS = 10_000

/** Adds the standard part to the page's tracker, and starts the parts that its tag names. */
export function start(): void {
  const { tributary } = globalThis as unknown as { tributary: PageTracker }
  tributary.extend((core) => addStandard(core, tributary.push))
  startParts()
}

/** Adds the standard part to a tracker, which makes the calls that an earlier page has left by `make`. */
export function addStandard(core: Core, make: (kept: unknown[]) => unknown): () => void {
  const land = standard(core)
  return () => {
    makeLeftCalls(core, make)
    land()
  }
}

/** What stands by for the standard part: Segment's stub, and the parts that the tag names. */
export function startParts(): void {
  const { tributary } = globalThis as unknown as { tributary: PageTracker }
  const { settings, addPart } = tributary
  takeOverSegment(tributary)
  const modules = words(settings.modules) ?? []
  if (location.search.includes('tributary_debug')) modules.push('overlay')
  // A tracker that begins anew, after consent was withdrawn and given again, has them already.
  settings.modules = undefined
  modules.forEach(addPart)
}

/**
 * Makes the calls for which the tracker of an earlier page came too late. Those of a page that may still be waiting for its
 * own standard part are left alone for a while.
 */
function makeLeftCalls(core: Core, make: (kept: unknown[]) => unknown): void {
  const { store, now, after } = core.platform
  const prefix = `${core.name('stub')},`
  let isEarly = false
  for (const key of store.keys(prefix)) {
    const ageMs = now() - leftAt(key.slice(prefix.length))
    if (ageMs >= 0 && ageMs < PATIENCE_MS) {
      isEarly = true
      continue
    }
    const calls = leftCalls(store.get(key), core.seams.isHooked?.())
    store.remove(key)
    for (const kept of calls) make(kept)
  }
  if (isEarly) after(PATIENCE_MS, () => makeLeftCalls(core, make))
}

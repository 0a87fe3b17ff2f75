import { leftAt, leftCalls } from '../../core/stub-leftovers.ts'
import type { Core, Extension } from '../../core-parts.ts'
import { takeOverSegment } from '../../segment-stub.ts'
import { standard } from '../../standard.ts'
import type { ScriptSettings } from './add-module.ts'

/** A page that waits longer than this for its tracker, or the standard part, has ended, or can be done without. */
const PATIENCE_MS = 10_000

const { tributary } = globalThis as unknown as {
  tributary: Parameters<typeof takeOverSegment>[0] & {
    settings: ScriptSettings
    extend(extension: Extension): void
    addScript(name: string): void
  }
}

tributary.extend((core) => {
  standard(core)
  return () => makeLeftCalls(core)
})
takeOverSegment(tributary)
const modules = tributary.settings.modules?.split(/[\s,]+/) ?? []
if (location.search.includes('tributary_debug')) modules.push('overlay')
// A tracker that begins anew, after consent was withdrawn and given again, has them already.
tributary.settings.modules = undefined
for (const name of modules) tributary.addScript(name)

/**
 * Makes the calls for which the tracker of an earlier page came too late. Those of a page that may still be waiting for its
 * own standard part are left alone for a while.
 */
function makeLeftCalls(core: Core): void {
  const { storage, now, after } = core.platform
  const prefix = `tributary:stub:${core.options.writeKey},`
  for (const key of storage.keys(prefix)) {
    const ageMs = now() - leftAt(key.slice(prefix.length))
    if (ageMs >= 0 && ageMs < PATIENCE_MS) {
      after(PATIENCE_MS - ageMs, () => makeLeftCalls(core))
      continue
    }
    const calls = leftCalls(storage.get(key), core.seams.isHooked?.())
    storage.remove(key)
    tributary.push(...calls)
  }
}

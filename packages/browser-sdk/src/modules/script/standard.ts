import { leftCalls } from '../../core/stub-leftovers.ts'
import type { Core, Extension } from '../../core-parts.ts'
import { standard } from '../../standard.ts'
import type { ScriptSettings } from './add-module.ts'

const { tributary } = globalThis as unknown as {
  tributary: {
    settings: ScriptSettings
    extend(extension: Extension): void
    addScript(name: string): void
    push(...calls: unknown[]): number
  }
}

tributary.extend((core) => {
  standard(core)
  return () => makeLeftCalls(core)
})
const modules = tributary.settings.modules?.split(/[\s,]+/) ?? []
if (location.search.includes('tributary_debug')) modules.push('overlay')
// A tracker that begins anew, after consent was withdrawn and given again, has them already.
tributary.settings.modules = undefined
for (const name of modules) tributary.addScript(name)

/** Makes the calls for which the tracker of an earlier page came too late. */
function makeLeftCalls({ platform: { storage }, options }: Core): void {
  for (const key of storage.keys(`tributary:stub:${options.writeKey}:`)) {
    tributary.push(...leftCalls(storage.get(key)))
    storage.remove(key)
  }
}

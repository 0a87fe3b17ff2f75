import type { Extension } from '../../core-parts.ts'
import { standard } from '../../standard.ts'
import type { ScriptSettings } from './add-module.ts'

const { tributary } = globalThis as unknown as {
  tributary: {
    settings: ScriptSettings
    extend(extension: Extension): void
    addScript(name: string): void
  }
}

tributary.extend(standard)
const modules = tributary.settings.modules?.split(/[\s,]+/) ?? []
if (location.search.includes('tributary_debug')) modules.push('overlay')
// A tracker that begins anew, after consent was withdrawn and given again, has them already.
tributary.settings.modules = undefined
for (const name of modules) tributary.addScript(name)

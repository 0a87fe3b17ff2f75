import type { Plugin } from '../../plugin.ts'
import type { PageTracker, ScriptSettings } from '../../start-script.ts'

/** Registers an optional part with the tracker of the page; where that has not started yet, as soon as it does. */
export function addModule(create: (settings: ScriptSettings) => Plugin): void {
  const { tributary } = globalThis as unknown as { tributary: PageTracker }
  tributary.push(['register', create(tributary.settings)])
}

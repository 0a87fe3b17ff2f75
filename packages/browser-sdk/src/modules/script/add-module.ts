import type { Plugin } from '../../plugin.ts'

/** The options of the script tag as they stand there: `data-flush-at` is `flushAt`, and everything is a string. */
export type ScriptSettings = Record<string, string | undefined>

/** Registers an optional part with the tracker of the page; where that has not started yet, as soon as it does. */
export function addModule(create: (settings: ScriptSettings) => Plugin): void {
  const { tributary } = globalThis as unknown as {
    tributary: { push(call: [method: string, plugin: Plugin]): unknown; settings: ScriptSettings }
  }
  tributary.push(['register', create(tributary.settings)])
}

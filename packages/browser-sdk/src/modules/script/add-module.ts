import type { Plugin } from '../../plugin.ts'
import type { Tracker } from '../../tracker-api.ts'

/** The options of the script tag as they stand there: `data-flush-at` is `flushAt`, and everything is a string. */
export type ScriptSettings = Record<string, string | undefined>

/** Registers an optional part with the tracker of the page. */
export function addModule(create: (settings: ScriptSettings) => Plugin): void {
  const { tributary } = globalThis as unknown as {
    tributary: Tracker & { settings: ScriptSettings }
  }
  void tributary.register(create(tributary.settings))
}

/** Whether an attribute that needs no value is there: `data-autocapture`, but not `data-autocapture="false"`. */
export function isOn(setting: string | undefined): boolean {
  return setting !== undefined && setting !== 'false'
}

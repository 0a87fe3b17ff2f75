import { browserPlatform } from '../browser-platform.ts'
import { createInertTracker } from '../inert-tracker.ts'
import type { LoadOptions } from '../options.ts'
import { standard } from '../standard.ts'
import { type RunningTracker, startTracker } from '../tracker.ts'
import type { ConsentOptions } from './consent/decisions.ts'
import { type ConsentTracker, createGate } from './consent/gate.ts'

/**
 * `TributaryBrowser.load` behind the person's consent: until the required categories are granted, nothing is stored and no
 * request is made; calls wait in memory, the newest 1,000. On a server it returns a tracker whose calls do nothing. Throws
 * in a page when `writeKey` is missing.
 */
export function loadWithConsent(
  loadOptions: LoadOptions,
  consentOptions: ConsentOptions = {},
): ConsentTracker {
  if (typeof document === 'undefined') {
    return { ...createInertTracker(), consent: () => ({}), onConsent() {} }
  }
  const { writeKey } = loadOptions
  // What can never work is told now, and not when consent is given.
  if (!writeKey) throw new TypeError('Tributary: "writeKey" is missing.')
  const platform = browserPlatform()
  const start = (): RunningTracker => {
    const running = startTracker(loadOptions, platform)
    running.extend(standard)
    return running
  }
  return createGate({ start, platform }, writeKey, consentOptions).tracker
}

export type {
  ConsentOptions,
  ConsentSource,
  ConsentState,
  ConsentStates,
  ConsentUpdate,
} from './consent/decisions.ts'
export type { ConsentTracker } from './consent/gate.ts'
// biome-ignore lint/performance/noBarrelFile: what the subpath offers besides
export { fromCallback, fromEvent, fromTcf, type TcfPurposes } from './consent/sources.ts'

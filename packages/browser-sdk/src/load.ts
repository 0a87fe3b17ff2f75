import { browserPlatform } from './browser-platform.ts'
import { createInertTracker } from './inert-tracker.ts'
import type { LoadOptions } from './options.ts'
import { standard } from './standard.ts'
import { startTracker } from './tracker.ts'
import type { Tracker } from './tracker-api.ts'

/** The npm entry of the browser SDK. */
export const TributaryBrowser: {
  /**
   * Starts a tracker and returns it at once; calls are taken from then on. On a server, where there is
   * no page, it returns a tracker whose calls do nothing. Throws in a page when `writeKey` is missing.
   */
  load(options: LoadOptions): Tracker
} = {
  load(options) {
    if (typeof document === 'undefined') return createInertTracker()
    // Without one nothing could ever be delivered.
    if (!options.writeKey) throw new TypeError('Tributary: "writeKey" is missing.')
    const { tracker, extend } = startTracker(
      { ...options, endpoint: options.endpoint ?? options.host },
      browserPlatform(),
    )
    extend(standard)
    return tracker
  },
}

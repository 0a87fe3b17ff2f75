import { EVENT_TYPES } from '@tributary/protocol'
import { recordOf } from '../core/record-of.ts'
import { withContext } from '../core/with-context.ts'
import type { EventHook, Plugin } from '../plugin.ts'

/** What {@link createClientHints} takes. */
export interface ClientHintsOptions {
  /** High-entropy hints to ask for; see `NavigatorUAData.getHighEntropyValues`. Default {@link DEFAULT_HINTS}. */
  hints?: readonly string[] | undefined
}

/** The default of {@link ClientHintsOptions.hints}: what tells apart systems that the user agent no longer does. */
const DEFAULT_HINTS = 'platformVersion model architecture bitness fullVersionList'.split(' ')

/** Chromium's `navigator.userAgentData` (WICG User-Agent Client Hints), which TypeScript does not know. */
type Agent = { getHighEntropyValues(hints: readonly string[]): Promise<object> } | undefined

/**
 * Adds what the browser tells of itself on demand to `context.userAgentData`. Events from before it has answered, which
 * takes milliseconds, go without. Adds nothing where the browser has no client hints (Firefox, Safari, plain HTTP) or a
 * permissions policy forbids them.
 */
export function createClientHints({ hints = DEFAULT_HINTS }: ClientHintsOptions = {}): Plugin {
  let values: object | undefined
  const enrich: EventHook = (event) => values && withContext(event, 'userAgentData', values)
  return {
    load() {
      const { userAgentData } = navigator as { userAgentData?: Agent }
      userAgentData?.getHighEntropyValues(hints).then(
        (answer) => {
          values = answer
        },
        () => {},
      )
    },
    ...recordOf(EVENT_TYPES, () => enrich),
  }
}

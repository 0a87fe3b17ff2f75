import { EVENT_TYPES } from '@tributary/protocol'
import type { EventHook, Plugin } from '../plugin.ts'

/** What {@link createClientHints} takes. */
export interface ClientHintsOptions {
  /** High-entropy hints to ask for; see `NavigatorUAData.getHighEntropyValues`. Default {@link DEFAULT_HINTS}. */
  hints?: readonly string[] | undefined
}

/** The default of {@link ClientHintsOptions.hints}: what tells apart systems that the user agent no longer does. */
const DEFAULT_HINTS = ['platformVersion', 'model', 'architecture', 'bitness', 'fullVersionList']

/** Chromium's `navigator.userAgentData` (WICG User-Agent Client Hints), which TypeScript does not know. */
type Agent = { getHighEntropyValues(hints: readonly string[]): Promise<object> } | undefined

/**
 * Adds what the browser tells of itself on demand to `context.userAgentData`. Events from before it has answered, which
 * takes milliseconds, go without. Adds nothing where the browser has no client hints (Firefox, Safari, plain HTTP) or a
 * permissions policy forbids them.
 */
export function createClientHints({ hints = DEFAULT_HINTS }: ClientHintsOptions = {}): Plugin {
  let values: object | undefined
  const enrich: EventHook = (event) => {
    const { context } = event
    if (!values) return event
    return {
      ...event,
      context: {
        ...context,
        userAgentData: { ...(context?.userAgentData as object | undefined), ...values },
      },
    }
  }
  return {
    name: 'client-hints',
    load() {
      const { userAgentData } = navigator as { userAgentData?: Agent }
      userAgentData?.getHighEntropyValues(hints).then(
        (answer) => {
          values = answer
        },
        () => {},
      )
    },
    ...Object.fromEntries(EVENT_TYPES.map((type) => [type, enrich])),
  }
}

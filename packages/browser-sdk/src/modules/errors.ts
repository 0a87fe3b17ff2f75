import { onLeave } from '../adapters/leave.ts'
import type { Plugin } from '../plugin.ts'
import type { Properties } from '../tracker-api.ts'
import { describeError, withoutQueries } from './core/describe-error.ts'
import { createErrorLimit } from './core/error-limit.ts'

/**
 * Tracks `Error Occurred` for each uncaught error and unhandled rejection: `message`, `source`, `line`, `column`, `stack`
 * (at most 2 KB), `kind` (`error` or `rejection`), and `repeats`, the number of times that it had occurred before without
 * being told. Addresses lose their query. At most 20 a page; the same one once a minute, and when the page is left.
 */
export function createErrors(): Plugin {
  return {
    load({ track }) {
      const limit = createErrorLimit()
      let isTelling = false

      function tell(error: Properties, repeats: number): void {
        // What listens to the tracker may fail on this very event, and report it at once.
        isTelling = true
        void track('Error Occurred', { ...error, repeats })
        isTelling = false
      }

      function occurred(error: Properties): void {
        if (isTelling) return
        const repeats = limit.admit(JSON.stringify(error), performance.now())
        if (repeats !== undefined) tell(error, repeats)
      }

      addEventListener('error', ({ error, message, filename, lineno, colno }) =>
        occurred({
          ...describeError(error, message),
          source: withoutQueries(filename ?? ''),
          line: lineno,
          column: colno,
          kind: 'error',
        }),
      )
      addEventListener('unhandledrejection', ({ reason }) =>
        occurred({ ...describeError(reason), kind: 'rejection' }),
      )
      onLeave(() => {
        for (const [error, repeats] of limit.rest(performance.now()))
          tell(JSON.parse(error), repeats)
      })
    },
  }
}

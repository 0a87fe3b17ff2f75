import { attempt } from '../../core/attempt.ts'

/** Most of a stack that is kept, UTF-16 code units. */
export const MAX_STACK_LENGTH = 2048

/** Most of a message that is kept, UTF-16 code units. */
export const MAX_MESSAGE_LENGTH = 500

/** What was thrown, fit to be sent. */
export interface ErrorDescription {
  message: string
  stack?: string | undefined
}

/** Message and stack of whatever was thrown; without an error's own message, `fallback`. Never throws. */
export function describeError(thrown: unknown, fallback?: string): ErrorDescription {
  const description = attempt(() => {
    const { message = fallback ?? String(thrown), stack } = Object(thrown)
    return {
      // An error's own text begins with its name.
      message: shortened(String(thrown instanceof Error ? thrown : message), MAX_MESSAGE_LENGTH),
      stack: stack ? shortened(String(stack), MAX_STACK_LENGTH) : undefined,
    }
  })
  // A getter that throws, an object without a string form.
  return description ?? { message: fallback ?? 'unknown' }
}

/** A text whose addresses have lost query and fragment: what stands there may be a secret. Line and column stay. */
export function withoutQueries(text: string): string {
  return text.replace(/(:\/\/[^\s?#]*)[?#]\S*?((?::\d+){0,2}[)"',;]*)(?=\s|$)/g, '$1$2')
}

function shortened(text: string, length: number): string {
  // Cut twice: removing queries makes it shorter, and must not take long on a huge text.
  return withoutQueries(text.slice(0, 2 * length)).slice(0, length)
}

import { timeOf } from './entry.ts'

/**
 * The calls that an earlier page has left in storage: those that make sense on another page. What follows a plugin or
 * middleware is given up where this page has none, since it may be there to redact it. None where it is no such text.
 */
export function leftCalls(text: string | undefined, isHooked?: boolean): unknown[][] {
  try {
    const calls: [string][] = JSON.parse(text ?? '')
    const hook = calls.findIndex(([method]) => /^(reg|add)/.test(method))
    const lasting = /^(track|page|screen|identify|group|alias|reset|setAnonymousId)$/
    return calls
      .slice(0, hook < 0 || isHooked ? 1e9 : hook)
      .filter(([method]) => lasting.test(method))
  } catch {
    return []
  }
}

/** When the page began that has left calls under this name, milliseconds since the epoch: a stub's, else a stream. */
export function leftAt(name: string): number {
  return Number(/\d{13}$/.exec(name)?.[0] ?? timeOf(name))
}

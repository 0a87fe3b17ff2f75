import { timeOf } from './entry.ts'
import { parseJson } from './json.ts'

/**
 * The calls that an earlier page has left in storage: those that make sense on another page. What follows a plugin or
 * middleware is given up where this page has none, since it may be there to redact it. None where it is no such text.
 */
export function leftCalls(text: string | undefined, isHooked?: boolean): unknown[][] {
  const calls = parseJson(text)
  if (!Array.isArray(calls)) return []
  const lasting = /^(track|page|screen|identify|group|alias|reset|setAnonymousId)$/
  const hook = calls.findIndex((call) => /^(reg|add)/.test(call?.[0]))
  return calls
    .slice(0, hook < 0 || isHooked ? undefined : hook)
    .filter((call) => lasting.test(call?.[0]))
}

/** When the page began that has left calls under this name, milliseconds since the epoch: a stub's, else a stream. */
export function leftAt(name: string): number {
  return Number(/\d{13}$/.exec(name)?.[0] ?? timeOf(name))
}

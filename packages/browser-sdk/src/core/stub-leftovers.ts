/**
 * The calls that the stub of an earlier page has left in storage: those that make sense on another page, up to a plugin or
 * middleware. What follows that is given up, since it may be there to redact it. None where it is no such text.
 */
export function leftCalls(text: string | undefined): unknown[][] {
  try {
    const calls: [string][] = JSON.parse(text ?? '')
    const hook = calls.findIndex(([method]) => /^(reg|add)/.test(method))
    const lasting = /^(track|page|screen|identify|group|alias|reset|setAnonymousId)$/
    return calls.slice(0, hook < 0 ? 1e9 : hook).filter(([method]) => lasting.test(method))
  } catch {
    return []
  }
}

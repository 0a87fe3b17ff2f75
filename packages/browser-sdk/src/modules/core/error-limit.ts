/** Most error events of one page. */
const MAX_ERRORS = 20

/** Shortest time between two events of the same error, milliseconds. */
const REPEAT_INTERVAL_MS = 60_000

/** Decides which of many errors are told; each is one text. */
export interface ErrorLimit {
  /** The number of occurrences since the last time that this error was told, or `undefined` when it is not to be told now. */
  admit(error: string, nowMs: number): number | undefined
  /** Errors that were repeated since they were told, each with the number of occurrences before its last one. */
  rest(nowMs: number): [error: string, repeats: number][]
}

/** A limit of 20 errors in all, and of one a minute for each distinct one. */
export function createErrorLimit(): ErrorLimit {
  const known = new Map<string, { toldAtMs: number; untold: number }>()
  let told = 0

  function tell(error: string, nowMs: number): number {
    const { untold = 0 } = known.get(error) ?? {}
    told++
    known.set(error, { toldAtMs: nowMs, untold: 0 })
    return untold
  }

  return {
    admit(error, nowMs) {
      const before = known.get(error)
      if (told >= MAX_ERRORS) return undefined
      if (!before || nowMs - before.toldAtMs >= REPEAT_INTERVAL_MS) return tell(error, nowMs)
      before.untold++
      return undefined
    },
    rest: (nowMs) =>
      [...known].flatMap(([error, { untold }]): [string, number][] =>
        untold && told < MAX_ERRORS ? [[error, tell(error, nowMs) - 1]] : [],
      ),
  }
}

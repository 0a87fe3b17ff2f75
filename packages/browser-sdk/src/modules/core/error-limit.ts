/** Most error events of one page. */
const MAX_ERRORS = 20

/** Shortest time between two events of the same error, milliseconds. */
const REPEAT_INTERVAL_MS = 60_000

/** Decides which of many errors are told. */
export interface ErrorLimit<T> {
  /** The number of occurrences since the last time that this error was told, or `undefined` when it is not to be told now. */
  admit(key: string, error: T, nowMs: number): number | undefined
  /** Errors that were repeated since they were told, each with the number of occurrences before its last one. */
  rest(nowMs: number): [error: T, repeats: number][]
}

/** A limit of 20 errors in all, and of one a minute for each distinct one. */
export function createErrorLimit<T>(): ErrorLimit<T> {
  const known = new Map<string, { error: T; toldAtMs: number; untold: number }>()
  let told = 0

  return {
    admit(key, error, nowMs) {
      if (told >= MAX_ERRORS) return undefined
      const before = known.get(key)
      if (before && nowMs - before.toldAtMs < REPEAT_INTERVAL_MS) {
        before.error = error
        before.untold++
        return undefined
      }
      told++
      known.set(key, { error, toldAtMs: nowMs, untold: 0 })
      return before?.untold ?? 0
    },
    rest(nowMs) {
      const repeated: [T, number][] = []
      for (const entry of known.values()) {
        if (entry.untold === 0 || told >= MAX_ERRORS) continue
        told++
        repeated.push([entry.error, entry.untold - 1])
        entry.untold = 0
        entry.toldAtMs = nowMs
      }
      return repeated
    },
  }
}

/** When the next request may leave, and how large it may be. Times are milliseconds on the monotonic clock. */
export interface Pace {
  /** Something has failed, and nothing gone well since: one request at a time finds out when that is over. */
  isDown: boolean
  notBeforeMs: number
  /** The part of `notBeforeMs` that the collector asked for. */
  serverNotBeforeMs: number
  /** Most events in the next batch. */
  maxEvents: number
  /** When anything last went well. */
  lastProgressMs: number
}

/** The pace of a client that has sent nothing yet. */
export function startPace(maxEvents: number): Pace {
  return {
    isDown: false,
    notBeforeMs: 0,
    serverNotBeforeMs: 0,
    maxEvents,
    lastProgressMs: Number.NEGATIVE_INFINITY,
  }
}

/**
 * The pace after a request that went well. Behind a batch that was too large, requests grow by a
 * tenth each, so that one huge event does not slow the client for good and a small limit on the way is
 * not run into at every second request.
 */
export function speedUp(pace: Pace, maxEvents: number, nowMs: number): Pace {
  return {
    ...startPace(Math.min(Math.ceil(pace.maxEvents * 1.1), maxEvents)),
    // A pause that the collector asked for meanwhile is for all.
    notBeforeMs: pace.serverNotBeforeMs,
    serverNotBeforeMs: pace.serverNotBeforeMs,
    lastProgressMs: nowMs,
  }
}

/** The pace after a failure that asks for a pause. */
export function slowDown(pace: Pace, nowMs: number, pauseMs: number, serverMs: number): Pace {
  return {
    ...pace,
    isDown: true,
    notBeforeMs: Math.max(pace.notBeforeMs, nowMs + pauseMs),
    serverNotBeforeMs: Math.max(pace.serverNotBeforeMs, nowMs + serverMs),
  }
}

/** The pace after a request that was too large. */
export function shrink(pace: Pace, sentEvents: number): Pace {
  return { ...pace, maxEvents: Math.ceil(sentEvents / 2) }
}

/** The pace of a client that is closing: the time left is short, so it tries at once, and waits only where the collector asked for it. */
export function hurry(pace: Pace): Pace {
  return { ...pace, notBeforeMs: pace.serverNotBeforeMs }
}

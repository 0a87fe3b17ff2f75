/**
 * What the lake does to a call while it is disturbed.
 * - `refuse`: fails, and nothing is done.
 * - `hang`: no answer until the disturbance is over; then it fails, and nothing is done.
 * - `ignore`: no answer, ever, and nothing is done.
 * - `forget`: does what was asked, and then fails all the same, as when the answer is lost.
 */
export type LakeFault = 'refuse' | 'hang' | 'ignore' | 'forget'

/** What is wrong with the world around the collector. */
export interface Faults {
  lake: LakeFault | 'none'
  /** Share of the calls to the lake that it touches, 0 to 1. */
  lakeShare: number
  /** How far the clock of Worker and Durable Objects is off, in milliseconds. */
  clockOffsetMs: number
}

/** A world in which nothing is wrong. */
export const UNDISTURBED: Faults = { lake: 'none', lakeShare: 1, clockOffsetMs: 0 }

/** The faults as they are now: one isolate holds the Worker and all its Durable Objects. */
export const faults: Faults = { ...UNDISTURBED }

/** How often each fault has struck since the start. */
export const strikes: Record<LakeFault | 'alarmLost', number> = {
  refuse: 0,
  hang: 0,
  ignore: 0,
  forget: 0,
  alarmLost: 0,
}

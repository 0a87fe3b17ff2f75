import { attempt } from './core/attempt.ts'
import type { StubCall } from './core/stub-call.ts'
import type { RunningTracker } from './tracker.ts'

/** Makes a call that was kept, at its own time and place, and returns what the tracker does. A method that is none is passed over. */
export function makeCall(
  { tracker, callsFrom }: Pick<RunningTracker, 'tracker' | 'callsFrom'>,
  { method, args, ...origin }: StubCall,
): unknown {
  const calls = { ...tracker, ...callsFrom(origin) }
  return attempt(() => (calls[method as 'flush'] as (...all: unknown[]) => unknown)(...args))
}

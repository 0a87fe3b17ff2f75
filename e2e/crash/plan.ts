import type { Random } from './random.ts'
import type { LakeFault } from './worker/faults.ts'

/** A fault, and when in its round it comes and goes. One that is not over when the round ends meets the kill. */
export type PlannedFault = { atMs: number } & (
  | { kind: 'lake'; lake: LakeFault; share: number; forMs: number }
  | { kind: 'clock'; offsetMs: number }
  | { kind: 'alarms' }
  | { kind: 'disk'; forMs: number }
)

/** Some load under some faults, ended by SIGKILL. */
export interface Round {
  loadMs: number
  faults: PlannedFault[]
  /** Whether a drain is asked for, and how long before the kill. */
  drainBeforeKillMs: number | undefined
  /** Starts that are cut off by SIGKILL as well, by the time each is given. */
  cutStartsMs: number[]
}

const HOUR_MS = 3_600_000

const LAKE_FAULTS: readonly LakeFault[] = ['refuse', 'hang', 'forget']

/** One round, all of it from `random`. */
export function planRound(random: Random): Round {
  const loadMs = random.whole(500, 3000)
  const faults: PlannedFault[] = []
  const atMs = () => random.whole(0, loadMs * 0.7)
  const forMs = () => random.whole(100, loadMs)
  if (random.happens(0.5)) {
    const share = random.pick([0.3, 1])
    faults.push({
      kind: 'lake',
      lake: random.pick(LAKE_FAULTS),
      share,
      atMs: atMs(),
      forMs: forMs(),
    })
  }
  if (random.happens(0.25)) {
    const offsetMs = random.pick([0, random.whole(-72, 72) * HOUR_MS, random.whole(-60, 60) * 1000])
    faults.push({ kind: 'clock', offsetMs, atMs: atMs() })
  }
  if (random.happens(0.25)) faults.push({ kind: 'alarms', atMs: atMs() })
  if (random.happens(0.2)) faults.push({ kind: 'disk', atMs: atMs(), forMs: forMs() })
  return {
    loadMs,
    faults,
    drainBeforeKillMs: random.happens(0.4) ? random.whole(0, 60) : undefined,
    cutStartsMs: random.happens(0.2) ? [random.whole(0, 1500)] : [],
  }
}

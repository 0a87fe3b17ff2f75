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

/** Every kind of fault, and how often a round has it beside the one whose turn it is. */
const KINDS: readonly { make: MakeFault; probability: number }[] = [
  { make: lakeFault('refuse'), probability: 0.15 },
  { make: diskFault, probability: 0.15 },
  { make: lakeFault('hang'), probability: 0.15 },
  { make: clockFault, probability: 0.2 },
  { make: lakeFault('forget'), probability: 0.15 },
  { make: ({ atMs }) => ({ kind: 'alarms', atMs }), probability: 0.2 },
]

/** Rounds until every kind of fault has had its turn. */
export const ROUNDS_FOR_ALL_FAULTS: number = KINDS.length

interface Times {
  atMs: number
  forMs: number
}

type MakeFault = (times: Times, random: Random) => PlannedFault

/** Round `index` of a run, from 0, all of it from `random`. */
export function planRound(random: Random, index: number): Round {
  const loadMs = random.whole(500, 3000)
  const faults = KINDS.flatMap(({ make, probability }, kind) => {
    const times = { atMs: random.whole(0, loadMs * 0.6), forMs: random.whole(200, loadMs) }
    const fault = make(times, random)
    return random.happens(probability) || kind === index % KINDS.length ? [fault] : []
  })
  return {
    loadMs,
    faults,
    drainBeforeKillMs: random.happens(0.4) ? random.whole(0, 60) : undefined,
    cutStartsMs: random.happens(0.2) ? [random.whole(0, 1500)] : [],
  }
}

function lakeFault(lake: LakeFault): MakeFault {
  return (times, random) => ({ kind: 'lake', lake, share: random.pick([0.3, 1, 1]), ...times })
}

function diskFault(times: Times): PlannedFault {
  return { kind: 'disk', ...times }
}

/** Days, or seconds, ahead or behind, or back to what is right. */
function clockFault({ atMs }: Times, random: Random): PlannedFault {
  const days = random.whole(-72, 72) * HOUR_MS
  const seconds = random.whole(-60, 60) * 1000
  return { kind: 'clock', offsetMs: random.pick([days, seconds, 0]), atMs }
}

import { createRandom, type Random } from '../../../../e2e/crash/random.ts'
import type { LoadOptions } from '../../src/options.ts'
import type { DiskState, NetworkState, Poison } from './world.ts'

/** What stays as it is for the whole run. */
export interface Scenario {
  options: LoadOptions
  hasLocks: boolean
  isDiskMissing: boolean
  /** Characters that localStorage takes. */
  storageQuota: number
  /** When the standard part comes: as on npm, as in a script tag, or not at all. */
  standard: 'at once' | 'late' | 'never'
  /** A longer request is 413. */
  maxBodyLength: number
  /** The browser takes requests for later. */
  hasFetchLater: boolean
  /** What happens, in order. */
  steps: Step[]
}

/** Something that happens `waitMs` after what happened before. `tab`: which of the living ones, from 0 up to 1. */
export type Step = { waitMs: number } & (
  | { what: 'open' }
  | { what: 'track'; tab: number; count: number; length: number; poison?: Poison | undefined }
  | { what: 'network'; state: NetworkState }
  | { what: 'disk'; state: DiskState }
  | { what: 'clock'; offsetMs: number }
  | { what: 'quota'; characters: number }
  | { what: 'crash while tracking'; tab: number; count: number; length: number; effects: number }
  | { what: 'track and close'; tab: number; count: number; length: number }
  | { what: TabTurn; tab: number }
  | { what: 'delete database' }
)

/** Something that happens to a tab. */
type TabTurn =
  | 'flush'
  | 'hide'
  | 'show'
  | 'freeze'
  | 'thaw'
  | 'close'
  | 'crash'
  | 'crash soon'
  | 'reset'

const PLENTY = 5_000_000
const HOUR_MS = 3_600_000

const NETWORKS: readonly NetworkState[] = [
  ...(['good', 'good', 'slow', 'flaky', 'flaky', 'flaky', 'blocked', 'dead', 'lossy'] as const),
  ...(['down', 'throttling', 'portal', 'refusing'] as const),
]
const DISKS: readonly DiskState[] = [
  'good',
  'good',
  'slow',
  'flaky',
  'flaky',
  'failing',
  'hanging',
  'full',
]
const POISONS: readonly Poison[] = ['rejected', 'error', 'absent', 'retry', 'invalid_json']

/** How often things happen, relative to each other. */
const WEIGHTS: Record<Step['what'], number> = {
  open: 10,
  track: 40,
  network: 12,
  disk: 6,
  clock: 2,
  quota: 2,
  'crash while tracking': 5,
  'track and close': 4,
  flush: 6,
  hide: 6,
  show: 6,
  freeze: 4,
  thaw: 4,
  close: 3,
  crash: 5,
  'crash soon': 3,
  reset: 1,
  'delete database': 1.5,
}

/** What a seed stands for. */
export function planFor(seed: number): Scenario {
  const random = createRandom(seed ^ 0x5eed)
  const isLongOutage = random.happens(0.005)
  const options: LoadOptions = { writeKey: 'wk', endpoint: 'https://t.test' }
  if (random.happens(0.2)) options.flushAt = random.whole(1, 10)
  if (random.happens(0.1)) options.maxEventAgeMs = random.pick([60_000, HOUR_MS])
  if (random.happens(0.1)) options.maxQueueBytes = random.whole(2000, 50_000)
  const hasPoison = random.happens(0.3)
  const steps = Array.from({ length: random.whole(3, 22) }, () => stepOf(random, hasPoison))
  if (isLongOutage) steps.push(...longOutage(random))
  return withLarge(seed, {
    options,
    hasLocks: random.happens(0.8),
    isDiskMissing: random.happens(0.08),
    storageQuota: random.happens(0.85) ? PLENTY : random.pick([0, 500, 3000, 20_000]),
    standard: random.pick(['at once', 'at once', 'late', 'never']),
    maxBodyLength: random.happens(0.85) ? PLENTY : random.whole(3000, 20_000),
    hasFetchLater: false,
    steps: [{ waitMs: 0, what: 'open' }, ...steps],
  })
}

/** Some seeds have large events: larger than a request that outlives the page, or than any that the collector takes. */
function withLarge(seed: number, scenario: Scenario): Scenario {
  // Numbers of its own: what a seed once stood for, it still does where it has no large events.
  const random = createRandom(seed ^ 0xb0d1)
  const hasFetchLater = random.happens(0.5)
  if (random.happens(0.8)) return { ...scenario, hasFetchLater }
  for (const step of scenario.steps) {
    if ('length' in step && random.happens(0.3)) step.length = random.whole(15_000, 90_000)
  }
  const maxBodyLength = random.pick([scenario.maxBodyLength, random.whole(5000, 60_000)])
  return { ...scenario, hasFetchLater, maxBodyLength }
}

/** Three days without a way to the collector. */
function longOutage(random: Random): Step[] {
  const hours = Array.from({ length: 72 }, (): Step[] => [
    { waitMs: HOUR_MS - 60_000, what: 'track', tab: random.next(), count: 1, length: 10 },
    { waitMs: 60_000, what: 'show', tab: random.next() },
  ])
  const end: Step = { waitMs: 0, what: 'network', state: 'good' }
  const state = random.pick(['blocked', 'dead'] as const)
  return [{ waitMs: 0, what: 'network', state }, ...hours.flat(), end]
}

function stepOf(random: Random, hasPoison: boolean): Step {
  const tab = random.next()
  const waitMs = waitOf(random)
  const what = weighted(random)
  const count = random.happens(0.1) ? random.whole(10, 80) : random.whole(1, 6)
  const length = random.happens(0.1) ? random.whole(1000, 30_000) : random.whole(0, 300)
  switch (what) {
    case 'open':
    case 'delete database':
      return { waitMs, what }
    case 'track': {
      const poison = hasPoison && random.happens(0.2) ? random.pick(POISONS) : undefined
      return { waitMs, what, tab, count, length, poison }
    }
    case 'track and close':
      return { waitMs, what, tab, count, length }
    case 'crash while tracking':
      return { waitMs, what, tab, count, length, effects: random.whole(0, 40) }
    case 'network':
      return { waitMs, what, state: random.pick(NETWORKS) }
    case 'disk':
      return { waitMs, what, state: random.pick(DISKS) }
    case 'clock':
      return { waitMs, what, offsetMs: random.pick([-1, 1]) * random.whole(0, 2 * HOUR_MS) }
    case 'quota':
      return { waitMs, what, characters: random.pick([0, 1000, PLENTY]) }
    default:
      return { waitMs, what, tab }
  }
}

function waitOf(random: Random): number {
  const most = random.pick([0, 5, 50, 50, 500, 3000, 3000, 40_000, 400_000])
  return random.whole(0, most + 1)
}

function weighted(random: Random): Step['what'] {
  const entries = Object.entries(WEIGHTS) as [Step['what'], number][]
  let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [what, weight] of entries) {
    left -= weight
    if (left < 0) return what
  }
  return 'track'
}

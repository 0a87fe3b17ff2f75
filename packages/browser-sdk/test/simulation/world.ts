import { createRandom, type Random } from '../../../../e2e/crash/random.ts'
import { type Collector, createCollector } from './collector.ts'
import { createDatabase, type Database } from './database.ts'
import { createLoop, type Loop } from './loop.ts'
import type { Scenario } from './plan.ts'
import type { Tab } from './tab.ts'

/** What the network does to a request. */
export type NetworkState =
  | 'good'
  | 'slow'
  | 'flaky'
  | 'blocked'
  | 'dead'
  | 'lossy'
  | 'down'
  | 'throttling'
  | 'portal'
  | 'refusing'

/** What the disk does to a transaction. */
export type DiskState = 'good' | 'slow' | 'flaky' | 'failing' | 'hanging' | 'full'

/** One call of `track`. */
export interface Call {
  /** Its number in the world; the event carries it. */
  number: number
  tab: Tab
  /** The task after which it must survive a crash; undefined while it waits for the standard part. */
  task: number | undefined
  /** By the clock that may be set. */
  at: number
  poison: Poison | undefined
  messageId?: string
  seq?: number
  stream?: string
  /** Where it was kept when the call's promise resolved. */
  persisted?: string
  outcome?: string
  /** It was in the database when that was deleted. */
  isDeleted?: boolean
}

/** An event that the collector cannot take, and what it answers: for the event, or for a request that has it. */
export type Poison = 'rejected' | 'error' | 'absent' | 'retry' | 'invalid_json'

/** Everything around the tabs, and what is known of the run. */
export interface World {
  scenario: Scenario
  loop: Loop
  network: NetworkState
  disk: DiskState
  /** By how much the clock is wrong. */
  clockOffsetMs: number
  now(): number
  /** Numbers for the network, the disk, and the tabs: one part's draws change no other's. */
  random: { network: Random; disk: Random; tabs: Random }
  /** localStorage, and how many characters it takes. */
  items: Map<string, string>
  quota: number
  database: Database
  cookie: string | undefined
  lockHolder: Tab | undefined
  tabs: Tab[]
  collector: Collector
  calls: Call[]
  callsById: Map<string, Call>
  /** Moments after which two tabs may send at once for as long as a request takes. */
  overlapsAllowed: number
  /** How long two tabs have been sending at once. */
  overlapMs: number
  overlapSince: number | undefined
  /** Requests that were made. */
  requests: number
  /** Characters of all events. */
  recordedLength: number
  /** Events that some tab has dropped. */
  dropped: Set<string>
  failures: string[]
  fail(message: string): void
  trace(message: string): void
}

/** The beginning of time, by a clock that is right: 2026-01-01. */
const EPOCH_MS = 1_767_225_600_000

/** @param log Told of everything that happens. */
export function createWorld(
  scenario: Scenario,
  seed: number,
  log: ((line: string) => void) | undefined,
): World {
  const random = createRandom(seed)
  const loop = createLoop((owner) => (owner as Tab).check())
  const world: World = {
    scenario,
    loop,
    network: 'good',
    disk: 'good',
    clockOffsetMs: 0,
    now: () => EPOCH_MS + Math.floor(loop.elapsed()) + world.clockOffsetMs,
    random: { network: random.fork(), disk: random.fork(), tabs: random.fork() },
    items: new Map(),
    quota: scenario.storageQuota,
    database: undefined as unknown as Database,
    cookie: undefined,
    lockHolder: undefined,
    tabs: [],
    collector: undefined as unknown as Collector,
    calls: [],
    callsById: new Map(),
    overlapsAllowed: 0,
    overlapMs: 0,
    overlapSince: undefined,
    requests: 0,
    recordedLength: 0,
    dropped: new Set(),
    failures: [],
    fail(message) {
      world.trace(`FAILURE ${message}`)
      world.failures.push(message)
    },
    trace(message) {
      log?.(`${(loop.elapsed() / 1000).toFixed(3)} ${message}`)
    },
  }
  world.database = createDatabase(world)
  world.collector = createCollector(world)
  return world
}

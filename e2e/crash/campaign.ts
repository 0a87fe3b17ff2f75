import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from './client.ts'
import { compare, type Findings } from './compare.ts'
import type { Disk } from './disk.ts'
import { createDisturbance, drain } from './disturbance.ts'
import { createEventMaker } from './events.ts'
import { exported, type FaultyCollector, quarantined, until } from './faulty-collector.ts'
import type { Ledger } from './ledger.ts'
import type { Round } from './plan.ts'
import type { Random } from './random.ts'

/** The sources of the fault Worker. */
export const WRITE_KEYS: Readonly<Record<string, string>> = {
  web: 'wk_crash_web',
  app: 'wk_crash_app',
}

/** Clients that send at the same time. */
const CLIENTS = 8

/** What a round is to have acknowledged before its kill, and the longest that this is waited for. */
const MIN_ACKNOWLEDGED = 200
const MAX_EXTRA_LOAD_MS = 15_000

/** Longest that a start on a full disk is waited for before there is room again. */
const FULL_START_TIMEOUT_MS = 3000

/** What was done to the collector. */
interface Score {
  kills: number
  /** Ends of its own, as on a full disk. */
  ownEnds: number
  /** Planned faults that came to pass, by kind. */
  faults: Record<string, number>
  /** Calls that they struck, as the fault Worker counts; what it has counted since the last look goes with a kill. */
  strikes: Record<string, number>
}

/** The world of one run. */
export interface World {
  collector: FaultyCollector
  disk: Disk
  ledger: Ledger
  random: Random
}

/** Rounds of faults, and the comparison. */
export interface Campaign {
  score: Score
  /** Load under faults until a SIGKILL, then a start. */
  runRound(round: Round): Promise<void>
  /** Compares the ledger with what is stored. */
  check(): Promise<Findings>
}

/** A campaign against a collector that runs. */
export function createCampaign(world: World): Campaign {
  const { collector, disk, ledger, random } = world
  const { faults, counts, strike } = createDisturbance(collector, disk, ledger)
  const score: Score = { kills: 0, ownEnds: 0, faults: counts, strikes: {} }
  const clients = createClients(world)

  async function kill(): Promise<void> {
    if (collector.hasEnded()) score.ownEnds += 1
    else score.kills += 1
    await collector.kill()
  }

  /** Starts after a kill. A disk that is still full may keep it from starting, until there is room. */
  async function restart(cutStartsMs: readonly number[]): Promise<void> {
    if (disk.isFull()) {
      await collector.start(faults, FULL_START_TIMEOUT_MS).catch(() => undefined)
      await kill()
      disk.free()
    }
    for (const cutMs of cutStartsMs) {
      collector.startOnly(faults)
      await sleep(cutMs)
      await kill()
    }
    await collector.start(faults)
  }

  /** Waits until something was acknowledged, as far as the faults let it. */
  async function progress(): Promise<void> {
    const enough = ledger.acknowledged + MIN_ACKNOWLEDGED
    const isEnough = async () =>
      ledger.acknowledged >= enough || collector.hasEnded() || disk.isFull()
    await until(isEnough, MAX_EXTRA_LOAD_MS, 'load').catch(ignore)
  }

  async function noteStrikes(): Promise<void> {
    const strikes = (await collector.control('strikes').catch(() => ({}))) as Score['strikes']
    for (const [name, count] of Object.entries(strikes)) {
      score.strikes[name] = (score.strikes[name] ?? 0) + count
    }
  }

  return {
    score,
    async runRound({ loadMs, faults: planned, drainBeforeKillMs, cutStartsMs }) {
      let isOver = false
      const load = [
        ...clients.map((client) => client.run(() => isOver)),
        drainNowAndThen(collector, random, () => isOver),
      ]
      // The collector may end under a fault; what counts is what it had acknowledged.
      const strikes = planned.map((fault) => strike(fault, () => isOver).catch(ignore))
      await Promise.all([sleep(loadMs), progress(), ...strikes])
      await noteStrikes()
      if (drainBeforeKillMs !== undefined) {
        load.push(drain(collector))
        await sleep(drainBeforeKillMs)
      }
      isOver = true
      await kill()
      await Promise.all(load)
      await restart(cutStartsMs)
    },
    check: async () => compare(ledger, await exported(collector), await quarantined(collector)),
  }
}

function ignore(): void {}

async function drainNowAndThen(
  collector: FaultyCollector,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await sleep(random.whole(10, 200))
    if (!isOver()) await drain(collector)
    if (!isOver() && random.happens(0.2)) await collector.control('cron').catch(ignore)
  }
}

/** Two clients to a family: one for each source, with equal ids where these are plain. */
function createClients({ collector: { url }, ledger, random }: World): Client[] {
  const sources = Object.entries(WRITE_KEYS)
  return Array.from({ length: CLIENTS }, (_, index) => {
    const [source, writeKey] = sources[index % sources.length] as [string, string]
    const own = random.fork()
    const family = `family-${Math.floor(index / sources.length)}`
    const events = createEventMaker(own, ledger, { name: `client-${index}`, source, family })
    return createClient({ url, writeKey, random: own, ledger, events })
  })
}

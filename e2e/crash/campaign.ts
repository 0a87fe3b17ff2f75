import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from './client.ts'
import { compare, type Findings } from './compare.ts'
import type { Disk } from './disk.ts'
import { createEventMaker } from './events.ts'
import { exported, type FaultyCollector, quarantined } from './faulty-collector.ts'
import type { Ledger } from './ledger.ts'
import type { PlannedFault, Round } from './plan.ts'
import type { Random } from './random.ts'
import type { Faults } from './worker/faults.ts'

/** The sources of the fault Worker. */
export const WRITE_KEYS: Readonly<Record<string, string>> = {
  web: 'wk_crash_web',
  app: 'wk_crash_app',
}

/** Clients that send at the same time. */
const CLIENTS = 8

/** Longest that a drain is waited for while the lake may hang. */
const DRAIN_TIMEOUT_MS = 3000

/** Longest that a start on a full disk is waited for before there is room again. */
const FULL_START_TIMEOUT_MS = 3000

/** What was done to the collector. */
export interface Score {
  kills: number
  /** Ends of its own, as on a full disk. */
  ownEnds: number
  /** Planned faults by kind. */
  faults: Record<string, number>
  /** Strikes of them, as the fault Worker counts; what it has counted since the last look goes with a kill. */
  strikes: Record<string, number>
}

/** The world of one run. */
export interface World {
  collector: FaultyCollector
  disk: Disk
  ledger: Ledger
  random: Random
}

/** Clients, rounds of faults, and the comparison. */
export interface Campaign {
  score: Score
  /** Load under faults until a SIGKILL, then a start. */
  runRound(round: Round): Promise<void>
  /** Lifts all faults but the clock's and compares the ledger with what is stored. */
  check(): Promise<Findings>
}

/** A campaign against a collector that runs. */
export function createCampaign({ collector, disk, ledger, random }: World): Campaign {
  const score: Score = { kills: 0, ownEnds: 0, faults: {}, strikes: {} }
  const faults: Faults = { lakeShare: 1, clockOffsetMs: 0 }
  const clients = createClients({ collector, disk, ledger, random })

  async function strike(fault: PlannedFault, isOver: () => boolean): Promise<void> {
    await sleep(fault.atMs)
    if (isOver() || (fault.kind === 'disk' && !disk.canFill)) return
    const name = fault.kind === 'lake' ? `lake ${fault.lake}` : fault.kind
    score.faults[name] = (score.faults[name] ?? 0) + 1
    if (fault.kind === 'alarms') return void (await collector.control('lose-alarms'))
    if (fault.kind === 'clock') faults.clockOffsetMs = fault.offsetMs
    if (fault.kind === 'lake') Object.assign(faults, { lake: fault.lake, lakeShare: fault.share })
    if (fault.kind === 'disk') disk.fill()
    else await collector.control('set', faults)
    if (!('forMs' in fault)) return
    await sleep(fault.forMs)
    if (isOver()) return
    if (fault.kind === 'disk') disk.free()
    else await collector.control('set', { ...faults, lake: undefined })
    delete faults.lake
  }

  async function drainNowAndThen(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(random.whole(10, 200))
      const options = { method: 'POST', timeoutMs: DRAIN_TIMEOUT_MS }
      if (!isOver()) await collector.api('/api/drain', options).catch(() => undefined)
      if (!isOver() && random.happens(0.2)) await collector.control('cron').catch(() => undefined)
    }
  }

  async function kill(): Promise<void> {
    if (collector.hasEnded()) score.ownEnds += 1
    else score.kills += 1
    await collector.kill()
    delete faults.lake
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

  async function noteStrikes(): Promise<void> {
    const counts = (await collector.control('strikes').catch(() => ({}))) as Record<string, number>
    for (const [name, count] of Object.entries(counts)) {
      score.strikes[name] = (score.strikes[name] ?? 0) + count
    }
  }

  return {
    score,
    async runRound({ loadMs, faults: planned, drainBeforeKillMs, cutStartsMs }) {
      let isOver = false
      const load = [
        ...clients.map((client) => client.run(() => isOver)),
        drainNowAndThen(() => isOver),
        ...planned.map((fault) => strike(fault, () => isOver).catch(() => undefined)),
      ]
      await sleep(loadMs)
      await noteStrikes()
      if (drainBeforeKillMs !== undefined) {
        load.push(collector.api('/api/drain', { method: 'POST' }).then(ignore, ignore))
        await sleep(drainBeforeKillMs)
      }
      isOver = true
      await kill()
      await Promise.all(load)
      await restart(cutStartsMs)
    },
    async check() {
      delete faults.lake
      disk.free()
      await collector.control('set', faults)
      return compare(ledger, await exported(collector), await quarantined(collector))
    },
  }
}

function ignore(): void {}

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

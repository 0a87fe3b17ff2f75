import { setTimeout as sleep } from 'node:timers/promises'
import type { Disk } from './disk.ts'
import { type FaultyCollector, until } from './faulty-collector.ts'
import type { Ledger } from './ledger.ts'
import type { PlannedFault } from './plan.ts'
import { type Faults, type LakeFault, UNDISTURBED } from './worker/faults.ts'

/** Longest that a drain is waited for while the lake may hang. */
const DRAIN_TIMEOUT_MS = 3000

/** Longest that it is waited for a fault to be felt. */
const FELT_TIMEOUT_MS = 10_000

/** The faults that are in force now. */
export interface Disturbance {
  /** What a collector is to be started with: the clock stays wrong over a restart, the lake does not. */
  faults: Faults
  /** Planned faults that came to pass, by kind. */
  counts: Record<string, number>
  /**
   * Lets a fault come at its time, and go after its time unless the round is over by then. Resolves once the collector
   * has felt it: on a machine that is busy a time alone may pass without a single call.
   */
  strike(fault: PlannedFault, isOver: () => boolean): Promise<void>
}

/** Asks for a drain; whether it comes to anything is not the question. */
export async function drain(collector: FaultyCollector): Promise<void> {
  const options = { method: 'POST', timeoutMs: DRAIN_TIMEOUT_MS }
  await collector.api('/api/drain', options).catch(() => undefined)
}

export function createDisturbance(
  collector: FaultyCollector,
  disk: Disk,
  ledger: Ledger,
): Disturbance {
  const faults: Faults = { ...UNDISTURBED }
  const counts: Record<string, number> = {}

  async function felt(isFelt: () => boolean | Promise<boolean>): Promise<void> {
    const isOver = async () => collector.hasEnded() || (await isFelt())
    await until(isOver, FELT_TIMEOUT_MS, 'a fault to be felt')
  }

  async function come(fault: PlannedFault): Promise<unknown> {
    switch (fault.kind) {
      case 'disk': {
        const { refusals } = ledger
        disk.fill()
        return felt(() => ledger.refusals > refusals)
      }
      case 'alarms':
        return collector.control('lose-alarms')
      case 'clock':
        faults.clockOffsetMs = fault.offsetMs
        return collector.control('set', { clockOffsetMs: fault.offsetMs })
      case 'lake':
        await collector.control('set', { lake: fault.lake, lakeShare: fault.share })
        return felt(async () => (await strikes())[fault.lake] > 0)
    }
  }

  async function strikes(): Promise<Record<LakeFault, number>> {
    return (await collector.control('strikes')) as Record<LakeFault, number>
  }

  async function go(fault: PlannedFault): Promise<void> {
    if (fault.kind === 'disk') disk.free()
    if (fault.kind === 'lake') await collector.control('set', { lake: 'none' })
  }

  return {
    faults,
    counts,
    async strike(fault, isOver) {
      await sleep(fault.atMs)
      if (isOver() || (fault.kind === 'disk' && !disk.canFill)) return
      const name = fault.kind === 'lake' ? `lake ${fault.lake}` : fault.kind
      counts[name] = (counts[name] ?? 0) + 1
      await come(fault)
      if (!('forMs' in fault)) return
      const leave = async () => {
        await sleep(fault.forMs)
        if (!isOver()) await go(fault)
      }
      // A collector that has ended meanwhile has no faults to lift.
      leave().catch(() => undefined)
    },
  }
}

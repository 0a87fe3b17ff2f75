import { setTimeout as sleep } from 'node:timers/promises'
import type { Disk } from './disk.ts'
import type { FaultyCollector } from './faulty-collector.ts'
import type { PlannedFault } from './plan.ts'
import type { Faults } from './worker/faults.ts'

/** The faults that are in force now. */
export interface Disturbance {
  /** What a collector is to be started with: the clock stays wrong over a restart, the lake does not. */
  faults: Faults
  /** Planned faults that came to pass, by kind. */
  counts: Record<string, number>
  /** Lets a fault come and go at its times, unless the round is over before. */
  strike(fault: PlannedFault, isOver: () => boolean): Promise<void>
}

export function createDisturbance(collector: FaultyCollector, disk: Disk): Disturbance {
  const faults: Faults = { lakeShare: 1, clockOffsetMs: 0 }
  const counts: Record<string, number> = {}

  async function come(fault: PlannedFault): Promise<unknown> {
    switch (fault.kind) {
      case 'disk':
        return disk.fill()
      case 'alarms':
        return collector.control('lose-alarms')
      case 'clock':
        faults.clockOffsetMs = fault.offsetMs
        return collector.control('set', faults)
      case 'lake':
        return collector.control('set', { ...faults, lake: fault.lake, lakeShare: fault.share })
    }
  }

  async function go(fault: PlannedFault): Promise<void> {
    if (fault.kind === 'disk') disk.free()
    if (fault.kind === 'lake') await collector.control('set', faults)
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
      await sleep(fault.forMs)
      if (!isOver()) await go(fault)
    },
  }
}

import type { Browser, Engine } from './engine.ts'
import type { World } from './world.ts'

/** Something that happens to pages. Whatever it is, every event that it owes is stored once in the end. */
export interface Scenario {
  name: string
  engine: Engine
  /** Why it cannot be played here. */
  missing: string | undefined
  /** The scenario needs the collector to itself. */
  alone: boolean
  run(world: World): Promise<void>
}

/** A scenario for each of the engines. `run` must leave a page that can deliver. */
export function scenario<B extends Browser>(
  engines: readonly Engine[],
  name: string,
  run: (world: World<B>) => Promise<void>,
  { alone = false, missing }: { alone?: boolean; missing?: string | undefined } = {},
): Scenario[] {
  return engines.map((engine) => ({
    name,
    engine,
    alone,
    missing: engine.missing ?? missing,
    run: run as Scenario['run'],
  }))
}

import type { Json, JsonObject } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'
import { compareMoments, type Moment } from './record-time.ts'

/** The last write to a trait; `null` is a write that deletes (R14). */
export interface TraitWrite extends Moment {
  value: Json
  /** The source of the event that wrote it. */
  source?: string
}

/** The last write of each trait, by its top-level name. */
export type Traits = Map<string, TraitWrite>

/** R14: writes each trait unless a later write is there already. Objects and lists are written whole. */
export function writeTraits(
  traits: Traits,
  values: JsonObject,
  { time, messageId, source }: Moment & { source?: string },
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const write: TraitWrite = { time, messageId, value }
    if (source !== undefined) write.source = source
    keepLater(traits, name, write)
  }
}

/** The traits of several together: for each name the last write of all. In any order, any number of times, the same. */
export function joinTraits(into: Traits, from: Traits): void {
  for (const [name, write] of from) keepLater(into, name, write)
}

function keepLater(traits: Traits, name: string, write: TraitWrite): void {
  const before = traits.get(name)
  if (!before || compareMoments(write, before) > 0) traits.set(name, write)
}

/** The traits that are there: writes that delete are left out. Sorted by name. */
export function presentTraits(traits: Traits): [name: string, write: TraitWrite][] {
  return [...traits]
    .filter(([, write]) => write.value !== null)
    .sort(([a], [b]) => compareBytes(a, b))
}

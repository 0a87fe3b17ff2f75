import type { ControlFact, EventFact } from './facts.ts'
import { compareMoments } from './record-time.ts'

/** `$suppress` and `$unsuppress` records of each identifier, by key, in their order. */
export type Objections = ReadonlyMap<string, readonly ControlFact[]>

/** Sorts what was said about suppression by the identifier it names. */
export function objectionsOf(controls: readonly ControlFact[]): Objections {
  const objections = new Map<string, ControlFact[]>()
  const said = controls.filter(({ kind }) => kind === '$suppress' || kind === '$unsuppress')
  for (const control of said.sort(compareMoments)) {
    for (const { key } of control.ids) {
      const known = objections.get(key)
      if (known) known.push(control)
      else objections.set(key, [control])
    }
  }
  return objections
}

/**
 * R17: whether an event carries an identifier that was suppressed when it happened. By the time of the event and not of its
 * arrival, so that the order of delivery does not matter; a record of the very same millisecond counts.
 */
export function isSuppressed(event: EventFact, objections: Objections): boolean {
  return event.ids.some(({ key }) => {
    const said = objections.get(key)?.filter(({ time }) => time <= event.time)
    return said?.at(-1)?.kind === '$suppress'
  })
}

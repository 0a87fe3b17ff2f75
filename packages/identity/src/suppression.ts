import type { ControlFact, EventFact } from './facts.ts'
import { compareMoments } from './record-time.ts'

/** `$suppress` and `$unsuppress` records of each identifier, by key, in their order. */
type Objections = ReadonlyMap<string, readonly ControlFact[]>

/**
 * R17: sorts events into those that are left, and those that carry an identifier that was suppressed when they happened. By the
 * time of the event and not of its arrival, so that the order of delivery does not matter; a record of the very same millisecond
 * counts.
 */
export function suppressEvents(
  events: readonly EventFact[],
  controls: readonly ControlFact[],
): { left: readonly EventFact[]; suppressed: readonly EventFact[] } {
  const objections = objectionsOf(controls)
  if (objections.size === 0) return { left: events, suppressed: [] }
  const left: EventFact[] = []
  const suppressed: EventFact[] = []
  for (const event of events) (isSuppressed(event, objections) ? suppressed : left).push(event)
  return { left, suppressed }
}

function objectionsOf(controls: readonly ControlFact[]): Objections {
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

function isSuppressed(event: EventFact, objections: Objections): boolean {
  return event.ids.some(({ key }) => {
    const said = objections.get(key)?.filter(({ time }) => time <= event.time)
    return said?.at(-1)?.kind === '$suppress'
  })
}

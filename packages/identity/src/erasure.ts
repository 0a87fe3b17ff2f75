import type { Unlink } from './clusters.ts'
import type { Rules } from './configuration.ts'
import type { ControlFact, EventFact } from './facts.ts'
import { addToTies, emptyTies } from './links.ts'
import { makePartition } from './partition.ts'
import { compareMoments } from './record-time.ts'

/** Events that may not come back, by messageId, with the messageId of the `$delete` record that erased each. */
export type Erased = Map<string, string>

/**
 * R16: what the `$delete` records erase. Each takes the events up to its time that belong to the person as they were known
 * from those events, after the erasures before it; of what happened later, and of what an operator cut later, it knows
 * nothing. So an event of theirs that arrives late is erased too, and may show more that was theirs.
 *
 * @param events Those that count.
 * @param suppressed Those that are dropped by R17: they tie nothing, but they tell of a person, and go with what is erased.
 */
export function eraseEvents(
  events: readonly EventFact[],
  suppressed: readonly EventFact[],
  controls: readonly ControlFact[],
  rules: Rules,
): Erased {
  const erased: Erased = new Map()
  const deletes = controls.filter(({ kind }) => kind === '$delete').sort(compareMoments)
  let left = events
  for (const request of deletes) {
    const held = holdingsOf(request, left, controls, rules)
    const isTheirs = (event: EventFact): boolean =>
      event.time <= request.time && event.ids[0] !== undefined && held.has(event.ids[0].key)
    for (const event of [...left, ...suppressed]) {
      if (isTheirs(event) && !erased.has(event.messageId))
        erased.set(event.messageId, request.messageId)
    }
    left = left.filter((event) => !isTheirs(event))
  }
  // Of these the erasure was carried out; a record that arrived since may tell it otherwise, and brings nothing back.
  for (const { erasedBy, messageId } of [...events, ...suppressed]) {
    if (erasedBy !== undefined && !erased.has(messageId)) erased.set(messageId, erasedBy)
  }
  return erased
}

/** Keys of the identifiers that were the person's at the time of the request. */
function holdingsOf(
  request: ControlFact,
  events: readonly EventFact[],
  controls: readonly ControlFact[],
  rules: Rules,
): Set<string> {
  const [named] = request.ids
  if (!named) return new Set()
  const ties = emptyTies()
  for (const event of events) if (event.time <= request.time) addToTies(ties, event)
  // Most requests name somebody who is gone already, or not there yet; those need no partition.
  if (!ties.sightings.has(named.key)) return new Set([named.key])
  const { clusters } = makePartition(ties, unlinksUntil(controls, request.time), rules)
  return new Set(clusters.get(named.key)?.members.map(({ key }) => key))
}

/** The pairs that were told apart up to a time; by default, ever. */
export function unlinksUntil(
  controls: readonly ControlFact[],
  time: number = Number.POSITIVE_INFINITY,
): Unlink[] {
  return controls.flatMap((control) => {
    const [a, b] = control.ids
    return control.kind === '$unlink' && control.time <= time && a && b ? [[a, b] as const] : []
  })
}

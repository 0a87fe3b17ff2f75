import { type Atom, addToAtom, emptyAtom } from './atoms.ts'
import type { Unlink } from './clusters.ts'
import type { Rules } from './configuration.ts'
import { type Erased, eraseEvents, unlinksUntil } from './erasure.ts'
import type { ControlFact, EventFact, Fact } from './facts.ts'
import { addToTies, emptyTies, type Ties } from './links.ts'
import { withNames } from './named-facts.ts'
import { makePartition, type Partition } from './partition.ts'
import { makeProfile, type Profile } from './profile.ts'
import { suppressEvents } from './suppression.ts'

/** What hangs on identifiers, of the events that count. */
export interface Holdings {
  ties: Ties
  /** By the lead's key. */
  atoms: Map<string, Atom>
}

/** The whole answer for one component. */
export interface Settled extends Holdings {
  unlinks: readonly Unlink[]
  partition: Partition
  /** The profile of each identifier that is in one, by key. */
  profiles: Map<string, Profile>
  erased: Erased
  /** Whether an erasure or a suppression is among the records, so that an event more is not always an event more. */
  takesAway: boolean
  /** R17: events that are dropped, by messageId. */
  suppressed: Set<string>
}

/**
 * R0: what a set of records amounts to, each messageId in it once. Of one component or of all together, which gives the same.
 * Order does not matter.
 */
export function settle(facts: Iterable<Fact>, rules: Rules): Settled {
  const { events, controls } = sortFacts(withNames(facts))
  const { left, suppressed } = suppressEvents(events, controls)
  const erased = eraseEvents(left, suppressed, controls, rules)
  const settled = settledNothing()
  for (const event of left) if (!erased.has(event.messageId)) addToHoldings(settled, event)
  for (const { messageId } of suppressed) settled.suppressed.add(messageId)
  settled.erased = erased
  settled.takesAway =
    erased.size > 0 || controls.some(({ kind }) => kind === '$delete' || kind === '$suppress')
  settled.unlinks = unlinksUntil(controls)
  settled.partition = makePartition(settled.ties, settled.unlinks, rules)
  makeProfiles(settled, settled.ties.sightings.keys(), rules)
  return settled
}

/** The answer for no records. */
export function settledNothing(): Settled {
  return {
    ties: emptyTies(),
    atoms: new Map(),
    unlinks: [],
    partition: { clusters: new Map(), taken: [], shared: new Set() },
    profiles: new Map(),
    takesAway: false,
    erased: new Map(),
    suppressed: new Set(),
  }
}

function sortFacts(facts: Iterable<Fact>): { events: EventFact[]; controls: ControlFact[] } {
  const events: EventFact[] = []
  const controls: ControlFact[] = []
  for (const fact of facts) {
    if (fact.kind === 'event') events.push(fact)
    else controls.push(fact)
  }
  return { events, controls }
}

/**
 * Counts an event that is neither known nor erased nor suppressed.
 *
 * @returns Whether the partition may be another one now.
 */
export function addToHoldings({ ties, atoms }: Holdings, event: EventFact): boolean {
  const [lead] = event.ids
  if (!lead) return false
  let atom = atoms.get(lead.key)
  if (!atom) {
    atom = emptyAtom()
    atoms.set(lead.key, atom)
  }
  addToAtom(atom, event)
  return addToTies(ties, event)
}

/** Makes the profiles of some identifiers, by key, from what hangs on the identifiers of their clusters. */
export function makeProfiles(settled: Settled, keys: Iterable<string>, rules: Rules): void {
  const done = new Set<unknown>()
  for (const key of keys) {
    const cluster = settled.partition.clusters.get(key)
    if (!cluster || done.has(cluster)) continue
    done.add(cluster)
    const profile = makeProfile(cluster, settled.atoms, settled.ties.sightings, rules)
    for (const member of cluster.members) {
      if (profile) settled.profiles.set(member.key, profile)
      else settled.profiles.delete(member.key)
    }
  }
}

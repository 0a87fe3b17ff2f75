import { addToAtom, type Atom, emptyAtom } from './atoms.ts'
import type { Unlink } from './clusters.ts'
import type { Rules } from './configuration.ts'
import { type Erased, eraseEvents, unlinksUntil } from './erasure.ts'
import type { ControlFact, EventFact, Fact } from './facts.ts'
import { addToTies, emptyTies, type Ties } from './links.ts'
import { makePartition, type Partition } from './partition.ts'
import { makeProfile, type Profile } from './profile.ts'
import { isSuppressed, objectionsOf } from './suppression.ts'

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
  suppressed: ReadonlySet<string>
}

/**
 * R0: what a set of records amounts to, each messageId in it once. Of one component or of all together, which gives the same.
 * Order does not matter.
 */
export function settle(facts: Iterable<Fact>, rules: Rules): Settled {
  const events: EventFact[] = []
  const suppressed: EventFact[] = []
  const { all, controls } = sortFacts(facts)
  const objections = objectionsOf(controls)
  for (const event of all) (isSuppressed(event, objections) ? suppressed : events).push(event)
  const erased = eraseEvents(events, suppressed, controls, rules)
  const holdings: Holdings = { ties: emptyTies(), atoms: new Map() }
  for (const event of events) if (!erased.has(event.messageId)) addToHoldings(holdings, event)
  const unlinks = unlinksUntil(controls)
  const partition = makePartition(holdings.ties, unlinks, rules)
  const settled: Settled = {
    ...holdings,
    unlinks,
    partition,
    profiles: new Map(),
    takesAway: controls.some(({ kind }) => kind === '$delete' || kind === '$suppress'),
    erased,
    suppressed: new Set(suppressed.map(({ messageId }) => messageId)),
  }
  makeProfiles(settled, settled.ties.sightings.keys(), rules)
  return settled
}

function sortFacts(facts: Iterable<Fact>): { all: EventFact[]; controls: ControlFact[] } {
  const all: EventFact[] = []
  const controls: ControlFact[] = []
  for (const fact of facts) {
    if (fact.kind === 'event') all.push(fact)
    else controls.push(fact)
  }
  return { all, controls }
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

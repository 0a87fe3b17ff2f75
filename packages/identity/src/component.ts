import { changesBetween, type ProfileChange } from './changes.ts'
import type { Clusters } from './clusters.ts'
import type { Rules } from './configuration.ts'
import { type Fact, preferredCopy } from './facts.ts'
import type { Identifier } from './identifiers.ts'
import { makePartition } from './partition.ts'
import type { Profile } from './profile.ts'
import { addToHoldings, makeProfiles, type Settled, settle, settledNothing } from './settle.ts'

/**
 * Records that may bear on each other: all that hang together by any identifier, whatever the limits. Components only ever
 * grow together, in any order to the same; who is who inside one is the partition's to say.
 */
export interface Component {
  /** By messageId, of its copies the one that counts (R1). */
  facts: Map<string, Fact>
  settled: Settled
  /** Facts that `settled` does not know of. */
  pending: Fact[]
  /** Whether `settled` is to be made anew: a copy has taken the place of another one. */
  isStale: boolean
  /** Components that it took in since it was settled, as they were. */
  absorbed: Component[]
}

export function emptyComponent(): Component {
  return { facts: new Map(), settled: settledNothing(), pending: [], isStale: false, absorbed: [] }
}

/**
 * R1: takes in a record. A copy of a record that is there changes nothing, unless it is the one that counts.
 */
export function takeFact(component: Component, fact: Fact): void {
  const known = component.facts.get(fact.messageId)
  if (known && preferredCopy(known, fact) === known) return
  component.facts.set(fact.messageId, fact)
  component.pending.push(fact)
  component.isStale ||= known !== undefined
}

/** R1: takes out a copy that does not count any more; what it tied stays in the component, where that does no harm. */
export function dropFact(component: Component, { messageId }: Fact): void {
  if (component.facts.delete(messageId)) component.isStale = true
}

/** Takes in all that another component has. */
export function absorb(into: Component, from: Component): void {
  for (const fact of from.facts.values()) takeFact(into, fact)
  into.absorbed.push(from, ...from.absorbed)
}

/** Brings `settled` up to date, and tells what a follower has to do. */
export function settleComponent(component: Component, rules: Rules): ProfileChange[] {
  const { pending, settled, absorbed } = component
  if (pending.length === 0 && absorbed.length === 0 && !component.isStale) return []
  const isAddition =
    !component.isStale &&
    !settled.takesAway &&
    pending.every((fact) => fact.kind === 'event' && fact.erasedBy === undefined)
  const changes = isAddition ? settleAdded(component, rules) : settleAnew(component, rules)
  component.pending = []
  component.isStale = false
  component.absorbed = []
  return changes
}

/**
 * An event that adds to what is there is added; the partition is made anew only when a pair or an identifier is new, and from
 * the pairs, not from the events.
 */
function settleAdded({ settled, pending, absorbed }: Component, rules: Rules): ProfileChange[] {
  let isNew = false
  const touched = new Set<string>()
  for (const fact of pending) {
    if (fact.kind !== 'event') continue
    isNew = addToHoldings(settled, fact) || isNew
    for (const { key } of fact.ids) touched.add(key)
  }
  const changed = isNew ? partAgain(settled, touched, rules) : touched
  const before = absorbed.flatMap((part) => allProfiles(part.settled))
  before.push(...profilesOf(settled, changed))
  makeProfiles(settled, changed, rules)
  return changesBetween(before, profilesOf(settled, changed))
}

/**
 * Makes the partition anew.
 *
 * @returns Keys of the identifiers whose profiles may be others now: those touched, and all that came together or apart.
 */
function partAgain(settled: Settled, touched: ReadonlySet<string>, rules: Rules): Set<string> {
  const before = settled.partition.clusters
  settled.partition = makePartition(settled.ties, settled.unlinks, rules)
  const changed = new Set<string>()
  for (const { members } of new Set(settled.partition.clusters.values())) {
    if (!isSame(members, before) || members.some(({ key }) => touched.has(key))) {
      for (const { key } of members) changed.add(key)
    }
  }
  return changed
}

/** Whether these, and no others, were one cluster before. */
function isSame(members: readonly Identifier[], before: Clusters): boolean {
  const cluster = members[0] && before.get(members[0].key)
  return (
    cluster?.members.length === members.length &&
    members.every(({ key }) => before.get(key) === cluster)
  )
}

function allProfiles({ profiles }: Settled): Profile[] {
  return [...new Set(profiles.values())]
}

function profilesOf({ profiles }: Settled, keys: Iterable<string>): Profile[] {
  return [...new Set([...keys].flatMap((key) => profiles.get(key) ?? []))]
}

/** What takes away (an erasure, a suppression, another copy of a record) makes a component count its events again. */
function settleAnew(component: Component, rules: Rules): ProfileChange[] {
  const parts = [component, ...component.absorbed].map((part) => ({
    counted: withoutPending(part),
    settled: part.settled,
  }))
  component.settled = settle(component.facts.values(), rules)
  const erasedIds = new Set<string>()
  for (const [messageId] of component.settled.erased) {
    const part = parts.find(({ counted }) => counted.has(messageId))
    const lead = part?.counted.get(messageId)?.ids[0]
    if (!part || !lead || part.settled.erased.has(messageId)) continue
    const profile = part.settled.profiles.get(lead.key)
    if (profile) erasedIds.add(profile.profileId)
  }
  const before = parts.flatMap(({ settled }) => allProfiles(settled))
  return changesBetween(before, allProfiles(component.settled), erasedIds)
}

/** The facts that a component's answer tells of. */
function withoutPending({ facts, pending }: Component): Map<string, Fact> {
  const counted = new Map(facts)
  for (const { messageId } of pending) counted.delete(messageId)
  return counted
}

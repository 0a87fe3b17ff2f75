import type { JsonObject } from '@tributary/protocol'
import type { EventFact } from './facts.ts'
import { compareMoments, type Moment } from './record-time.ts'
import { joinTraits, type Traits, writeTraits } from './traits.ts'

/**
 * What the events of one lead amount to. State hangs on the identifier and never on the profile: a profile is the join of
 * the atoms of its cluster, so that a merge or a split joins other atoms and counts nothing again.
 */
export interface Atom {
  eventCount: number
  /** Milliseconds since 1970. */
  firstSeen: number
  lastSeen: number
  traits: Traits
  /** Traits that this lead's calls wrote to groups, by the group's id; a member has an entry even without any. */
  groups: Map<string, Traits>
  campaign?: FirstTouch<JsonObject>
  referrer?: FirstTouch<string>
}

/** What the earliest event that has it says. */
export interface FirstTouch<T> extends Moment {
  value: T
}

export function emptyAtom(): Atom {
  return {
    eventCount: 0,
    firstSeen: Number.POSITIVE_INFINITY,
    lastSeen: Number.NEGATIVE_INFINITY,
    traits: new Map(),
    groups: new Map(),
  }
}

/** R7: counts an event for its lead. Each event once. */
export function addToAtom(atom: Atom, event: EventFact): void {
  const { time, messageId } = event
  atom.eventCount++
  atom.firstSeen = Math.min(atom.firstSeen, time)
  atom.lastSeen = Math.max(atom.lastSeen, time)
  if (event.traits) writeTraits(atom.traits, event.traits, event)
  if (event.group) writeTraits(traitsOfGroup(atom, event.group.groupId), event.group.traits, event)
  if (event.campaign) keepCampaign(atom, { time, messageId, value: event.campaign })
  if (event.referrer) keepReferrer(atom, { time, messageId, value: event.referrer })
}

/** Adds one atom to another. The atoms of a cluster are of different events, so that counts add up. */
export function joinAtoms(into: Atom, from: Atom): void {
  into.eventCount += from.eventCount
  into.firstSeen = Math.min(into.firstSeen, from.firstSeen)
  into.lastSeen = Math.max(into.lastSeen, from.lastSeen)
  joinTraits(into.traits, from.traits)
  for (const [groupId, traits] of from.groups) joinTraits(traitsOfGroup(into, groupId), traits)
  if (from.campaign) keepCampaign(into, from.campaign)
  if (from.referrer) keepReferrer(into, from.referrer)
}

function traitsOfGroup(atom: Atom, groupId: string): Traits {
  let traits = atom.groups.get(groupId)
  if (!traits) {
    traits = new Map()
    atom.groups.set(groupId, traits)
  }
  return traits
}

function keepCampaign(atom: Atom, touch: FirstTouch<JsonObject>): void {
  if (!atom.campaign || compareMoments(touch, atom.campaign) < 0) atom.campaign = touch
}

function keepReferrer(atom: Atom, touch: FirstTouch<string>): void {
  if (!atom.referrer || compareMoments(touch, atom.referrer) < 0) atom.referrer = touch
}

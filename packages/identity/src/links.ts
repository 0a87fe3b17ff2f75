import type { Rules } from './configuration.ts'
import type { Alias, EventFact } from './facts.ts'
import { compareIdentifiers, type Identifier, type Sighting } from './identifiers.ts'
import { compareMoments, type Moment } from './record-time.ts'

/** R8: an event that carries both says that they are one person's. */
export interface Link extends Moment {
  /** The better of the two. */
  lead: Identifier
  other: Identifier
}

/** R9: an alias, with the moment of its earliest occurrence. */
export interface AliasLink extends Moment, Alias {}

/** All that a set of events says about who is who, as far as the partition needs it: O(distinct pairs), not O(events). */
export interface Ties {
  /** Identifiers that occur, by key, with their first event. */
  sightings: Map<string, Sighting>
  links: Map<string, Link>
  aliases: Map<string, AliasLink>
}

export function emptyTies(): Ties {
  return { sightings: new Map(), links: new Map(), aliases: new Map() }
}

/**
 * R8: adds what an event says. A later repetition says nothing new, since only the earliest occurrence of a pair counts.
 *
 * @returns Whether the partition may be another one now.
 */
export function addToTies(ties: Ties, event: EventFact): boolean {
  let isNew = false
  for (const identifier of event.ids) isNew = addSighting(ties, identifier, event.time) || isNew
  const [lead, ...others] = event.ids
  if (!lead) return false
  const { time, messageId } = event
  for (const other of others) {
    const key = pairKey(lead, other)
    if (!isEarlier(event, ties.links.get(key))) continue
    ties.links.set(key, { lead, other, time, messageId })
    isNew = true
  }
  if (event.alias) {
    const { user, previousUser, previousAnonymous } = event.alias
    // One that joins no users must not stand in the way of one that does.
    const joinsUsers = previousUser.key !== user.key
    const key = pairKey(user, joinsUsers ? previousUser : previousAnonymous)
    if (!isEarlier(event, ties.aliases.get(key))) return isNew
    ties.aliases.set(key, { ...event.alias, time, messageId })
    isNew = true
  }
  return isNew
}

/** @returns Whether the identifier is new; an earlier time of one that is known founds, but parts or joins nothing. */
function addSighting(ties: Ties, identifier: Identifier, time: number): boolean {
  const known = ties.sightings.get(identifier.key)
  if (!known) ties.sightings.set(identifier.key, { identifier, firstSeen: time })
  else if (time < known.firstSeen) known.firstSeen = time
  return !known
}

function isEarlier(event: Moment, known: Moment | undefined): boolean {
  return !known || compareMoments(event, known) < 0
}

/** Identifiers may hold any character; the length in front keeps pairs apart all the same. */
export function pairKey(a: Identifier, b: Identifier): string {
  return `${a.key.length}:${a.key}${b.key}`
}

/** R12: the order in which links are taken. */
export function compareLinks(a: Link, b: Link, rules: Rules): number {
  return compareMoments(a, b) || compareIdentifiers(a.other, b.other, rules)
}

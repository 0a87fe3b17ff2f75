import type { Json, JsonObject } from '@tributary/protocol'
import { type Atom, emptyAtom, type FirstTouch, joinAtoms } from './atoms.ts'
import { compareBytes } from './byte-order.ts'
import type { Cluster } from './clusters.ts'
import type { Rules } from './configuration.ts'
import { compareIdentifiers, type Identifier, type Sighting } from './identifiers.ts'
import { founderOf, profileIdOf } from './profile-id.ts'
import { toIso } from './record-time.ts'
import { presentTraits } from './traits.ts'

/** One person. Times are ISO 8601. */
export interface Profile {
  /** `p_` and 32 hexadecimal digits, made of `foundedBy`. */
  profileId: string
  /** Key (`type:value`) of the identifier that was seen first. */
  foundedBy: string
  /** Values by type, the best type first, each list sorted by its bytes. */
  ids: Record<string, string[]>
  /** By name, sorted; what was deleted is not there. */
  traits: JsonObject
  /** Where each trait comes from, by its name. */
  provenance: Record<string, Origin>
  /** How many events belong to the profile. At least 1. */
  eventCount: number
  firstSeen: string
  lastSeen: string
  /** Ids of the groups that the person is a member of, sorted. */
  groups: string[]
  /** `context.campaign` of the earliest event that has one. */
  firstCampaign?: Touch<JsonObject>
  /** `context.page.referrer` (else `context.referrer.url`) of the earliest event that has one. */
  firstReferrer?: Touch<string>
}

/** The event that said it. */
export interface Origin {
  messageId: string
  time: string
  /** The source that the event came from, where it is known. */
  source?: string
}

export interface Touch<T extends Json> extends Origin {
  value: T
}

/** R13: the profile of a cluster; `undefined` where no event belongs to it, since then there is nobody yet. */
export function makeProfile(
  cluster: Cluster,
  atoms: ReadonlyMap<string, Atom>,
  sightings: ReadonlyMap<string, Sighting>,
  rules: Rules,
): Profile | undefined {
  const whole = emptyAtom()
  for (const { key } of cluster.members) {
    const atom = atoms.get(key)
    if (atom) joinAtoms(whole, atom)
  }
  if (whole.eventCount === 0) return undefined
  const seen = cluster.members.map(({ key }) => sightings.get(key) as Sighting)
  const founder = founderOf(seen, rules)
  const traits = presentTraits(whole.traits)
  const profile: Profile = {
    profileId: profileIdOf(founder),
    foundedBy: founder.key,
    ids: idsByType(cluster.members, rules),
    traits: Object.fromEntries(traits.map(([name, { value }]) => [name, value])),
    provenance: Object.fromEntries(traits.map(([name, write]) => [name, originOf(write)])),
    eventCount: whole.eventCount,
    firstSeen: toIso(whole.firstSeen),
    lastSeen: toIso(whole.lastSeen),
    groups: [...whole.groups.keys()].sort(compareBytes),
  }
  if (whole.campaign) profile.firstCampaign = touchOf(whole.campaign)
  if (whole.referrer) profile.firstReferrer = touchOf(whole.referrer)
  return profile
}

function idsByType(members: readonly Identifier[], rules: Rules): Record<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const { type, value } of [...members].sort((a, b) => compareIdentifiers(a, b, rules))) {
    const values = ids.get(type)
    if (values) values.push(value)
    else ids.set(type, [value])
  }
  return Object.fromEntries(ids)
}

/** Keys of a profile's identifiers. */
export function keysOf(profile: Profile): string[] {
  return Object.entries(profile.ids).flatMap(([type, values]) =>
    values.map((value) => `${type}:${value}`),
  )
}

function touchOf<T extends Json>(touch: FirstTouch<T>): Touch<T> {
  return { value: touch.value, ...originOf(touch) }
}

/** The event behind a trait or a touch, as the API tells it. */
export function originOf(write: { time: number; messageId: string; source?: string }): Origin {
  const { messageId, time, source } = write
  return source === undefined
    ? { messageId, time: toIso(time) }
    : { messageId, time: toIso(time), source }
}

import type { Json } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'
import { canonicalJson } from './canonical-json.ts'
import { keysOf, type Profile } from './profile.ts'

/** What a follower has to do to have the new profiles, given that it has the old ones. */
export type ProfileChange =
  | { type: 'profile.created'; profileId: string; profile: Profile }
  | { type: 'profile.updated'; profileId: string; profile: Profile }
  /** The profiles `from` are one with this one now; their ids lead to it. */
  | { type: 'profile.merged'; profileId: string; from: string[]; profile: Profile }
  /** Identifiers of this profile belong to the profiles `into` now. Those are told of on their own as well. */
  | { type: 'profile.split'; profileId: string; into: string[] }
  /** Everything under this id is to be forgotten. What came after the erasure is told of as created. */
  | { type: 'profile.erased'; profileId: string }

/**
 * What follows from two states. With the old ids, less those erased and those merged away, plus those created and those
 * merged into, a follower has exactly the new ids.
 *
 * @param before Profiles of the identifiers concerned, as they were.
 * @param after The same identifiers' profiles, as they are.
 * @param erasedIds Ids of old profiles of which events were erased in between.
 * @returns By kind (erased, split, merged, created, updated), then by profile id.
 */
export function changesBetween(
  before: readonly Profile[],
  after: readonly Profile[],
  erasedIds: ReadonlySet<string> = new Set(),
): ProfileChange[] {
  const holders = new Map<string, Profile>()
  for (const profile of after) for (const key of keysOf(profile)) holders.set(key, profile)
  const erased: ProfileChange[] = []
  const split: ProfileChange[] = []
  const sources = new Map<Profile, Profile[]>()
  for (const old of [...before].sort(byId)) {
    const heirs = heirsOf(old, holders)
    const [successor, ...others] = heirs
    if (!successor || erasedIds.has(old.profileId)) {
      erased.push({ type: 'profile.erased', profileId: old.profileId })
      continue
    }
    sources.set(successor, [...(sources.get(successor) ?? []), old])
    if (others.length > 0) {
      const into = others.map(({ profileId }) => profileId)
      split.push({ type: 'profile.split', profileId: successor.profileId, into })
    }
  }
  const rest = [...after].sort(byId).flatMap((profile) => arrivalOf(profile, sources.get(profile)))
  const ofType = (type: string): ProfileChange[] => rest.filter((change) => change.type === type)
  const order = ['profile.merged', 'profile.created', 'profile.updated']
  return [...erased, ...split, ...order.flatMap(ofType)]
}

/** Who holds the identifiers of an old profile now: first the one that its id leads to (R13), the others by id. */
function heirsOf(old: Profile, holders: ReadonlyMap<string, Profile>): Profile[] {
  const heirs = new Set(keysOf(old).flatMap((key) => holders.get(key) ?? []))
  const founder = holders.get(old.foundedBy)
  const others = [...heirs].filter((profile) => profile !== founder).sort(byId)
  return founder ? [founder, ...others] : others
}

function arrivalOf(profile: Profile, sources: readonly Profile[] = []): ProfileChange[] {
  const { profileId } = profile
  const from = sources.map((old) => old.profileId).filter((id) => id !== profileId)
  if (from.length > 0) return [{ type: 'profile.merged', profileId, from, profile }]
  const [old] = sources
  if (!old) return [{ type: 'profile.created', profileId, profile }]
  return isEqual(old, profile) ? [] : [{ type: 'profile.updated', profileId, profile }]
}

function isEqual(a: Profile, b: Profile): boolean {
  return a === b || canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json)
}

function byId(a: Profile, b: Profile): number {
  return compareBytes(a.profileId, b.profileId)
}

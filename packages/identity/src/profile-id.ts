import type { Rules } from './configuration.ts'
import { sha256Hex } from './hash.ts'
import { compareFirstSeen, type Identifier, type Sighting } from './identifiers.ts'

/** 128 bits: two of 10¹² identifiers meet with a probability below 10⁻¹⁴. */
const ID_DIGITS = 32

/**
 * R13: the profile id that an identifier gives, `p_` and 32 hexadecimal digits. A profile has the id of its founding identifier;
 * the ids of all its other identifiers lead to it too, so that one that was given out before a merge or a split still does.
 */
export function profileIdOf({ key, fingerprint }: Pick<Identifier, 'key' | 'fingerprint'>): string {
  return fingerprint ?? `p_${sha256Hex(key).slice(0, ID_DIGITS)}`
}

const PROFILE_ID = /^p_[0-9a-f]{32}$/

/** Whether a text has the form of a profile id. */
export function isProfileId(text: unknown): text is string {
  return typeof text === 'string' && PROFILE_ID.test(text)
}

/**
 * An identifier of which only the profile id is known. It stands for the one that has this id, wherever that occurs.
 *
 * @param type Empty where it is not known either.
 */
export function fingerprintOf(profileId: string, type = ''): Identifier {
  return { type, value: profileId, key: profileId, fingerprint: profileId }
}

/** R13: the identifier that founded a profile, smallest by (first seen, priority, key). */
export function founderOf(sightings: Iterable<Sighting>, rules: Rules): Identifier {
  let founder: Sighting | undefined
  for (const sighting of sightings) {
    if (!founder || compareFirstSeen(sighting, founder, rules) < 0) founder = sighting
  }
  if (!founder) throw new Error('A profile has at least one identifier.')
  return founder.identifier
}

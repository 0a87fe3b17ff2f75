import type { Rules } from './configuration.ts'
import { sha256Hex } from './hash.ts'
import { compareFirstSeen, type Identifier, type Sighting } from './identifiers.ts'

/** 128 bits: two of 10¹² identifiers meet with a probability below 10⁻¹⁴. */
const ID_DIGITS = 32

/**
 * R13: the profile id that an identifier gives, `p_` and 32 hexadecimal digits. A profile has the id of its founding identifier;
 * the ids of all its other identifiers lead to it too, so that one that was given out before a merge or a split still does.
 */
export function profileIdOf({ key }: Pick<Identifier, 'key'>): string {
  return `p_${sha256Hex(key).slice(0, ID_DIGITS)}`
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

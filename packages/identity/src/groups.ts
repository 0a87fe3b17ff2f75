import type { JsonObject } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'
import { type Origin, originOf } from './profile.ts'
import type { Settled } from './settle.ts'
import { joinTraits, presentTraits, type Traits } from './traits.ts'

/** R15: a company, team or account. */
export interface Group {
  groupId: string
  traits: JsonObject
  /** Where each trait comes from, by its name. */
  provenance: Record<string, Origin>
  /** Profile ids of those whose events name the group, sorted. */
  members: string[]
}

interface GroupParts {
  traits: Traits
  members: Set<string>
}

/**
 * R15: the groups that any number of components know of. A group joins nobody: its traits and members are joined from all
 * components when they are read, and a member's events take theirs with them when they are erased.
 */
export function makeGroups(components: Iterable<Settled>): Group[] {
  const groups = new Map<string, GroupParts>()
  for (const { atoms, profiles } of components) {
    for (const [key, atom] of atoms) {
      for (const [groupId, traits] of atom.groups) {
        const parts = partsOf(groups, groupId)
        joinTraits(parts.traits, traits)
        const profile = profiles.get(key)
        if (profile) parts.members.add(profile.profileId)
      }
    }
  }
  return [...groups]
    .sort(([a], [b]) => compareBytes(a, b))
    .map(([groupId, parts]) => toGroup(groupId, parts))
}

function partsOf(groups: Map<string, GroupParts>, groupId: string): GroupParts {
  let parts = groups.get(groupId)
  if (!parts) {
    parts = { traits: new Map(), members: new Set() }
    groups.set(groupId, parts)
  }
  return parts
}

function toGroup(groupId: string, { traits, members }: GroupParts): Group {
  const present = presentTraits(traits)
  return {
    groupId,
    traits: Object.fromEntries(present.map(([name, { value }]) => [name, value])),
    provenance: Object.fromEntries(present.map(([name, write]) => [name, originOf(write)])),
    members: [...members].sort(compareBytes),
  }
}

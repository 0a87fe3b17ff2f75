import type { JsonObject } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'
import { type Origin, originOf } from './profile.ts'
import type { Settled } from './settle.ts'
import { joinTraits, presentTraits, type Traits, type TraitWrite } from './traits.ts'

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

/** What one component knows of one group, as plain data. */
export interface GroupPart {
  traits: [name: string, write: TraitWrite][]
  /** Profile ids. */
  members: string[]
}

/** What a component knows of a group; `undefined` where it does not. */
export function groupPartOf({ atoms, profiles }: Settled, groupId: string): GroupPart | undefined {
  const traits: Traits = new Map()
  const members = new Set<string>()
  let isKnown = false
  for (const [key, atom] of atoms) {
    const written = atom.groups.get(groupId)
    if (!written) continue
    isKnown = true
    joinTraits(traits, written)
    const profile = profiles.get(key)
    if (profile) members.add(profile.profileId)
  }
  return isKnown ? { traits: [...traits], members: [...members] } : undefined
}

/** The group that parts of any number of components make; the same as `makeGroups` makes of those. */
export function joinGroup(groupId: string, parts: readonly GroupPart[]): Group | undefined {
  if (parts.length === 0) return undefined
  const traits: Traits = new Map()
  for (const part of parts) joinTraits(traits, new Map(part.traits))
  return toGroup(groupId, { traits, members: new Set(parts.flatMap(({ members }) => members)) })
}

import type { EventFact, Fact } from './facts.ts'
import { identifiersTiedBy } from './facts.ts'
import type { Identifier } from './identifiers.ts'
import { profileIdOf } from './profile-id.ts'

/**
 * Puts identifiers in the place of those of which only the profile id is known, as far as other facts tell them: two
 * names of one identifier would be two people's. Facts that need none are given back as they are.
 */
export function withNames(facts: Iterable<Fact>): Fact[] {
  const all = [...facts]
  const nameless = all.filter(isNameless)
  if (nameless.length === 0) return all
  const wanted = new Set(nameless.flatMap(namesOf).flatMap(({ fingerprint }) => fingerprint ?? []))
  const names = new Map<string, Identifier>()
  for (const identifier of new Map(all.flatMap(namesOf).map((id) => [id.key, id])).values()) {
    if (identifier.fingerprint !== undefined) continue
    const profileId = profileIdOf(identifier)
    if (wanted.has(profileId)) names.set(profileId, identifier)
  }
  const nameOf = (id: Identifier): Identifier => names.get(id.fingerprint ?? '') ?? id
  return all.map((fact) => (isNameless(fact) ? named(fact, nameOf) : fact))
}

function isNameless(fact: Fact): boolean {
  return namesOf(fact).some(({ fingerprint }) => fingerprint !== undefined)
}

function namesOf(fact: Fact): readonly Identifier[] {
  if (fact.kind !== 'event' || !fact.alias) return fact.ids
  return [...identifiersTiedBy(fact), fact.alias.user]
}

function named<F extends Fact>(fact: F, nameOf: (id: Identifier) => Identifier): F {
  const { alias } = fact as EventFact
  if (!alias) return { ...fact, ids: fact.ids.map(nameOf) }
  const { user, previousUser, previousAnonymous } = alias
  return {
    ...fact,
    ids: fact.ids.map(nameOf),
    alias: {
      user: nameOf(user),
      previousUser: nameOf(previousUser),
      previousAnonymous: nameOf(previousAnonymous),
    },
  }
}

import type { Address, Fact } from '@tributary/identity'
import { termsOf } from '../core/search-terms.ts'
import type { ProfileStatements } from './profiles-sql.ts'

/** Names a component in the indexes for what a record has of it. In a transaction. */
export function indexFact(statements: ProfileStatements, address: Address, fact: Fact): void {
  if (fact.kind !== 'event') return
  if (fact.group) statements.putMember(fact.group.groupId, address)
  for (const term of termsOf(fact.traits ?? {})) statements.putTerm(term, address)
}

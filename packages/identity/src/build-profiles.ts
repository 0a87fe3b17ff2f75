import type { JsonObject } from '@tributary/protocol'
import { addressOf } from './address.ts'
import { compareBytes } from './byte-order.ts'
import { type IdentityConfig, type Rules, resolveConfiguration } from './configuration.ts'
import { type Connectivity, connect } from './connectivity.ts'
import { type Fact, identifiersTiedBy, preferredCopy, readRecord } from './facts.ts'
import { type Group, makeGroups } from './groups.ts'
import { compareTaken, type TakenLink } from './partition.ts'
import type { Profile } from './profile.ts'
import { type Settled, settle } from './settle.ts'

/** What a set of records amounts to. Every list is sorted, so that equal answers are equal as JSON. */
export interface Answer {
  /** By profile id. */
  profiles: Profile[]
  /** By group id. */
  groups: Group[]
  /** Links and aliases that join nothing, with the rule that forbids it, in the order in which they were taken. */
  refused: TakenLink[]
  /** R11: keys of identifiers that are shared by too many users. */
  shared: string[]
  /** R16: messageIds of events that are erased. */
  erased: string[]
  /** R17: messageIds of events that are dropped. */
  suppressed: string[]
}

/**
 * The whole answer from a set of records, in one go: a pure function of the set, whatever the order and the repetitions (R0).
 *
 * @param records Events of the Segment specification, as the collector stores them, and control records; what is neither has
 *   no effect. They are not changed.
 * @throws Error that names the field of a wrong configuration; nothing for any record.
 */
export function buildProfiles(records: Iterable<JsonObject>, config?: IdentityConfig): Answer {
  const rules = resolveConfiguration(config)
  const facts = readRecords(records, rules)
  return makeAnswer(
    componentsOf(facts.values()).map((part) => settle(part, rules)),
    rules,
  )
}

/** R1: reads records, of the copies of each the one that counts. By messageId. */
export function readRecords(records: Iterable<JsonObject>, rules: Rules): Map<string, Fact> {
  const facts = new Map<string, Fact>()
  let arrival = 0
  for (const record of records) {
    const fact = readRecord(record, arrival++, rules)
    const known = facts.get(fact.messageId)
    facts.set(fact.messageId, known ? preferredCopy(known, fact) : fact)
  }
  return facts
}

/** Splits records into components; those that name nobody are in none. */
function componentsOf(facts: Iterable<Fact>): Fact[][] {
  const connectivity: Connectivity<Fact[]> = new Map()
  for (const fact of facts) {
    const keys = identifiersTiedBy(fact).map(addressOf)
    if (keys.length === 0) continue
    const component = connect<Fact[]>(
      connectivity,
      keys,
      () => [],
      (into, from) => {
        for (const moved of from) into.push(moved)
      },
    )
    component.value.push(fact)
  }
  return [...new Set(connectivity.values())].map(({ value }) => value)
}

/** Puts the answers of components together. */
export function makeAnswer(parts: readonly Settled[], rules: Rules): Answer {
  const profiles = new Set(parts.flatMap((part) => [...part.profiles.values()]))
  const taken = parts.flatMap((part) => part.partition.taken)
  return {
    profiles: [...profiles].sort((a, b) => compareBytes(a.profileId, b.profileId)),
    groups: makeGroups(parts),
    refused: taken.filter(({ refused }) => refused).sort((a, b) => compareTaken(a, b, rules)),
    shared: parts.flatMap((part) => [...part.partition.shared]).sort(compareBytes),
    erased: parts.flatMap((part) => [...part.erased.keys()]).sort(compareBytes),
    suppressed: parts.flatMap((part) => [...part.suppressed]).sort(compareBytes),
  }
}

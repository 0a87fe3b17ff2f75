import type { JsonObject } from '@tributary/protocol'
import { addressOf } from './address.ts'
import { type Answer, makeAnswer } from './build-profiles.ts'
import type { ProfileChange } from './changes.ts'
import {
  absorb,
  type Component,
  dropFact,
  emptyComponent,
  settleComponent,
  takeFact,
} from './component.ts'
import { type IdentityConfig, type Rules, resolveConfiguration } from './configuration.ts'
import { type Connectivity, connect } from './connectivity.ts'
import { type Fact, identifiersTiedBy, preferredCopy, readRecord } from './facts.ts'
import { parseIdentifier } from './identifiers.ts'
import type { Profile } from './profile.ts'

/** All that was learnt so far. Made by {@link emptyState}, changed by {@link addRecords} alone. */
export interface ProfileState {
  rules: Rules
  /** Level 1, by the address of an identifier. */
  connectivity: Connectivity<Component>
  /** R1: of every record the copy that counts, by messageId. */
  copies: Map<string, Fact>
  /** R13: the identifier that each profile id was made of. */
  keysById: Map<string, string>
  /** How many records were read. */
  arrivals: number
}

/**
 * A state that knows of nothing.
 *
 * @throws Error that names the field of a wrong configuration.
 */
export function emptyState(config?: IdentityConfig): ProfileState {
  return {
    rules: resolveConfiguration(config),
    connectivity: new Map(),
    copies: new Map(),
    keysById: new Map(),
    arrivals: 0,
  }
}

/**
 * Adds records, in any order, repeated or not: the answer is that of `buildProfiles` for all records so far. Only the
 * components that the records touch are looked at.
 *
 * @param state Changed in place, and returned.
 * @returns The state, and what a follower of it has to do. A record that is known already changes nothing.
 */
export function addRecords(
  state: ProfileState,
  records: Iterable<JsonObject>,
): { state: ProfileState; changes: ProfileChange[] } {
  const touched = new Set<string>()
  for (const record of records) {
    const fact = readRecord(record, state.arrivals++, state.rules)
    const known = state.copies.get(fact.messageId)
    if (known && preferredCopy(known, fact) === known) continue
    state.copies.set(fact.messageId, fact)
    if (known) leave(state, known, touched)
    enter(state, fact, touched)
  }
  const components = new Set([...touched].map((key) => state.connectivity.get(key)?.value))
  const changes: ProfileChange[] = []
  for (const component of components) {
    if (component) changes.push(...settleComponent(component, state.rules))
  }
  return { state, changes }
}

function leave({ connectivity }: ProfileState, fact: Fact, touched: Set<string>): void {
  const [first] = fact.ids
  if (!first) return
  touched.add(addressOf(first))
  const component = connectivity.get(addressOf(first))?.value
  if (component) dropFact(component, fact)
}

function enter(state: ProfileState, fact: Fact, touched: Set<string>): void {
  const { connectivity, keysById } = state
  const tied = identifiersTiedBy(fact)
  const [first] = tied
  if (!first) return
  for (const identifier of tied) {
    if (!identifier.fingerprint) keysById.set(addressOf(identifier), identifier.key)
  }
  const component = connect(connectivity, tied.map(addressOf), emptyComponent, absorb)
  takeFact(component.value, fact)
  touched.add(addressOf(first))
}

/** The whole answer of a state; equal to that of `buildProfiles` for the same records. */
export function answerOf({ connectivity, rules }: ProfileState): Answer {
  const components = new Set([...connectivity.values()].map(({ value }) => value))
  return makeAnswer(
    [...components].map(({ settled }) => settled),
    rules,
  )
}

/**
 * The profile that holds an identifier now.
 *
 * @param id `type:value`, which need not be normalised, or a profile id, also one from before a merge or a split (R13).
 */
export function findProfile(state: ProfileState, id: string): Profile | undefined {
  const key = state.keysById.get(id) ?? parseIdentifier(id, state.rules)?.key
  return key === undefined ? undefined : componentOf(state, key)?.settled.profiles.get(key)
}

/** The component that an identifier is in, by key. */
export function componentOf({ connectivity }: ProfileState, key: string): Component | undefined {
  return connectivity.get(addressOf({ key }))?.value
}

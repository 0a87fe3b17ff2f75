import type { JsonObject } from '@tributary/protocol'
import { type Address, addressOf, leastOf } from './address.ts'
import { type Answer, makeAnswer } from './build-profiles.ts'
import { canonicalJson } from './canonical-json.ts'
import { type Component, emptyComponent, settleComponent, takeFact } from './component.ts'
import type { Rules } from './configuration.ts'
import { type Connectivity, connect } from './connectivity.ts'
import { type Fact, identifiersTiedBy, readRecord } from './facts.ts'
import { sha256Hex } from './hash.ts'
import type { Settled } from './settle.ts'

/** Below every character that an id is likely to hold, so that ids with something behind them sort as the ids do. */
const BEHIND_ID = '\n'

/**
 * Reads a record of a collector's journal or lake. There an event is known by its source, its id and whom it names: the
 * same id of another source or of another person is another event (docs/adr/0003). All three are in the fact's
 * `messageId`, the record's own id first; {@link plainIdOf} gives that back.
 */
export function readStoredRecord(record: JsonObject, rules: Rules): Fact {
  const fact = readRecord(record, 0, rules)
  const [lead] = fact.ids
  const source = typeof record.source === 'string' ? record.source : ''
  const behind = [source, lead ? addressOf(lead) : ''].join(BEHIND_ID)
  fact.messageId = `${fact.messageId}${BEHIND_ID}${behind}`
  return fact
}

/** The id of a stored record as its sender wrote it. */
export function plainIdOf(messageId: string): string {
  return messageId.split(BEHIND_ID).slice(0, -2).join(BEHIND_ID)
}

/** Components of stored records, each by its address: the smallest of all that is tied in it. */
export function componentsOfStored(facts: Iterable<Fact>): Map<Address, Component> {
  const connectivity: Connectivity<Fact[]> = new Map()
  for (const fact of facts) {
    const tied = identifiersTiedBy(fact).map(addressOf)
    if (tied.length === 0) continue
    const { value } = connect<Fact[]>(
      connectivity,
      tied,
      () => [],
      (into, from) => {
        for (const moved of from) into.push(moved)
      },
    )
    value.push(fact)
  }
  const components = new Map<Address, Component>()
  for (const { keys, value } of new Set(connectivity.values())) {
    const component = emptyComponent()
    for (const fact of value) takeFact(component, fact)
    components.set(leastOf(keys), component)
  }
  return components
}

/** The whole answer from stored records, in one go. */
export function buildStoredProfiles(records: Iterable<JsonObject>, rules: Rules): Answer {
  const components = componentsOfStored(readStoredRecords(records, rules))
  for (const component of components.values()) settleComponent(component, rules)
  return makeAnswer(
    [...components.values()].map(({ settled }) => settled),
    rules,
  )
}

/** {@link readStoredRecord} for many, one at a time. */
function* readStoredRecords(records: Iterable<JsonObject>, rules: Rules): Generator<Fact> {
  for (const record of records) yield readStoredRecord(record, rules)
}

/** SHA-256, in hexadecimal, of the whole answer for one component: equal where the answers are. */
export function digestOf(settled: Settled, rules: Rules): string {
  return sha256Hex(canonicalJson(JSON.parse(JSON.stringify(makeAnswer([settled], rules)))))
}

/** What a component comes to, and its digest. */
export interface Digested {
  digest: string
  settled: Settled
}

/** Digests of stored records, by the address of their component: what a store of the same records answers with. */
export function digestsOfStored(
  records: Iterable<JsonObject>,
  rules: Rules,
): Map<Address, Digested> {
  return digestsOf(componentsOfStored(readStoredRecords(records, rules)), rules)
}

/**
 * Digests of a component that a store keeps. What held it together may be gone from it since (retention): then of each part
 * that still hangs together, by the address of that, as if the records came anew.
 */
export function digestsOfComponent(
  address: Address,
  component: Component,
  rules: Rules,
): Map<Address, Digested> {
  const parts = componentsOfStored(component.facts.values())
  const isWhole = parts.size === 1 && parts.has(address)
  return digestsOf(isWhole ? new Map([[address, component]]) : parts, rules)
}

function digestsOf(
  components: ReadonlyMap<Address, Component>,
  rules: Rules,
): Map<Address, Digested> {
  const digests = new Map<Address, Digested>()
  for (const [address, component] of components) {
    settleComponent(component, rules)
    const { settled } = component
    digests.set(address, { digest: digestOf(settled, rules), settled })
  }
  return digests
}

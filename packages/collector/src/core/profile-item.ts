import {
  addressOf,
  type EventFact,
  identifiersTiedBy,
  leastOf,
  plainIdOf,
  type Rules,
  readStoredRecord,
  skeletonOf,
} from '@tributary/identity'
import { isJsonObject, type JsonObject } from '@tributary/protocol'
import type { GraphMessage, Item } from './profile-graph.ts'
import { readJson } from './read-json.ts'

/** Reads a line of the journal or the lake; `undefined` for one that names nobody. */
export function readItem(line: string, rules: Rules): Item | undefined {
  const record = readJson(line)
  if (!isJsonObject(record)) return undefined
  const fact = readStoredRecord(record, rules)
  const tied = identifiersTiedBy(fact).map((identifier) => {
    const address = addressOf(identifier)
    return identifier.fingerprint === undefined ? { address, key: identifier.key } : { address }
  })
  return tied.length === 0 ? undefined : { line, fact, tied }
}

/** How records enter: each to the home of the smallest address that it ties, those of one home together. */
export function enterItems(items: Iterable<Item>): GraphMessage[] {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const to = leastOf(item.tied.map(({ address }) => address))
    const group = groups.get(to)
    if (group) group.push(item)
    else groups.set(to, [item])
  }
  return [...groups].map(([to, group]) => ({ kind: 'add', to, items: group }))
}

/** An event that is erased, for whoever takes it out of journal and lake, where it lies as it was. */
export interface Erasure {
  source: string
  /** As its sender wrote it. */
  messageId: string
  /** Of its arrival, as in the lake, `YYYY-MM-DD`. */
  date: string
  /** What is to stay in its place. */
  skeleton: JsonObject
  /** `messageId` of the `$delete` record. */
  deletedBy: string
}

/** What is to be erased of a record that is an event. */
export function erasureOf({ fact }: Item, deletedBy: string): Erasure {
  const messageId = plainIdOf(fact.messageId)
  const date = arrivalDate(fact.record)
  return {
    source: String(fact.record.source ?? ''),
    messageId,
    date,
    // Retention goes by the arrival; a skeleton is as old as its event.
    skeleton: { ...skeletonOf(fact as EventFact, messageId, deletedBy), receivedAt: date },
    deletedBy,
  }
}

/** The day of a record's arrival, by which the lake files it: `YYYY-MM-DD`. */
export function arrivalDate({ receivedAt, timestamp }: JsonObject): string {
  return String(receivedAt ?? timestamp ?? '').slice(0, 10)
}

/** By which `$delete` record an event was erased, of which only a skeleton is left. */
export function erasedBy({ fact }: Item): string | undefined {
  return fact.kind === 'event' ? fact.erasedBy : undefined
}

import { EVENT_TYPES, type Json, type JsonObject } from '@tributary/protocol'
import { compareBytes } from './byte-order.ts'
import { canonicalJson } from './canonical-json.ts'
import type { Rules } from './configuration.ts'
import { sha256Hex } from './hash.ts'
import {
  type Identifier,
  identifiersOf,
  makeIdentifier,
  objectAt,
  parseIdentifier,
} from './identifiers.ts'
import { fingerprintOf, isProfileId } from './profile-id.ts'
import { compareMoments, type Moment, timeOf } from './record-time.ts'
import { readSkeleton, SKELETON } from './skeleton.ts'

/** What the rules read in an event; everything else in it is nothing to them. */
export interface EventFact extends Moment {
  kind: 'event'
  /** Usable identifiers, the lead first. Without any the event belongs to nobody and has no effect (R7). */
  ids: readonly Identifier[]
  alias?: Alias
  /** Of an `identify` (R14). */
  traits?: JsonObject
  /** Of a `group` call (R15). */
  group?: { groupId: string; traits: JsonObject }
  campaign?: JsonObject
  referrer?: string
  /** The source that the event came from. */
  source?: string
  /** R16: of what is left of an event that is erased for good (`skeleton.ts`): `messageId` of the `$delete` record. */
  erasedBy?: string
  record: JsonObject
}

/** R9: what an `alias` says. Which of the two previous ids is meant is seen from what else occurs. */
export interface Alias {
  user: Identifier
  previousUser: Identifier
  previousAnonymous: Identifier
}

/** A record that separates, erases or suppresses. */
export interface ControlFact extends Moment {
  kind: ControlKind
  /** The two of `$unlink`, the one of every other; without them the record has no effect. */
  ids: readonly Identifier[]
  record: JsonObject
}

export type Fact = EventFact | ControlFact

const CONTROL_KINDS = ['$unlink', '$delete', '$suppress', '$unsuppress'] as const
type ControlKind = (typeof CONTROL_KINDS)[number]

/** Fields that two deliveries of an event without an id may differ in. */
const OF_ONE_DELIVERY: ReadonlySet<string> = new Set(['sentAt', 'receivedAt', 'originalTimestamp'])

/**
 * Reads a record: an event of the Segment specification, or a control record.
 *
 * @param arrival How many records were read before it; counts only where the record has no time at all (R2).
 */
export function readRecord(record: JsonObject, arrival: number, rules: Rules): Fact {
  const moment = { messageId: messageIdOf(record), time: timeOf(record, arrival) }
  if (record.type === SKELETON) return { ...moment, ...readSkeleton(record), record }
  const kind = CONTROL_KINDS.find((name) => name === record.type)
  if (kind) return { kind, ...moment, ids: controlIds(kind, record, rules), record }
  const isEvent = EVENT_TYPES.some((type) => type === record.type)
  const ids = isEvent ? identifiersOf(record, rules) : []
  const fact: EventFact = { kind: 'event', ...moment, ids, record }
  if (ids.length > 0) readDetails(fact, record, rules)
  return fact
}

/** R1: the record's own id, or one made of its content. */
function messageIdOf(record: JsonObject): string {
  const { messageId } = record
  if (typeof messageId === 'string' && messageId !== '') return messageId
  if (typeof messageId === 'number') return String(messageId)
  const content = Object.entries(record).filter(([field]) => !OF_ONE_DELIVERY.has(field))
  return `h_${sha256Hex(canonicalJson(Object.fromEntries(content)))}`
}

function controlIds(kind: ControlKind, record: JsonObject, rules: Rules): Identifier[] {
  const named = kind === '$unlink' ? [record.a, record.b] : [record.id]
  const ids = named.flatMap((text) =>
    isProfileId(text) ? fingerprintOf(text) : (parseIdentifier(text, rules) ?? []),
  )
  return ids.length === named.length && ids[0]?.key !== ids[1]?.key ? ids : []
}

function readDetails(fact: EventFact, record: JsonObject, rules: Rules): void {
  if (record.type === 'identify') fact.traits = objectAt(record, 'traits')
  if (record.type === 'alias') readAlias(fact, record, rules)
  if (record.type === 'group') {
    // A group's id is held to the same form as a person's, so that nobody's company is "undefined".
    const group = makeIdentifier('groupId', record.groupId, rules)
    if (group) fact.group = { groupId: group.value, traits: objectAt(record, 'traits') }
  }
  const context = objectAt(record, 'context')
  const campaign = objectAt(context, 'campaign')
  if (Object.keys(campaign).length > 0) fact.campaign = campaign
  const referrer = firstText(objectAt(context, 'page').referrer, objectAt(context, 'referrer').url)
  if (referrer !== undefined) fact.referrer = referrer
  if (typeof record.source === 'string') fact.source = record.source
}

function firstText(...values: (Json | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

function readAlias(fact: EventFact, record: JsonObject, rules: Rules): void {
  const user = makeIdentifier('userId', record.userId, rules)
  const previousUser = makeIdentifier('userId', record.previousId, rules)
  const previousAnonymous = makeIdentifier('anonymousId', record.previousId, rules)
  if (user && previousUser && previousAnonymous) {
    // Of an untrusted one the reading that would join two users is gone: it names one user twice.
    fact.alias = {
      user,
      previousUser: isUntrusted(record) ? user : previousUser,
      previousAnonymous,
    }
  }
}

/**
 * R1: of two copies of one record, the one that counts: the earlier; of one time, the one whose canonical JSON is smaller.
 */
export function preferredCopy(a: Fact, b: Fact): Fact {
  if (a.record === b.record) return a
  // What is erased stays erased.
  if (isErased(a) !== isErased(b)) return isErased(a) ? a : b
  const order =
    compareMoments(a, b) || compareBytes(canonicalJson(a.record), canonicalJson(b.record))
  return order <= 0 ? a : b
}

/**
 * Level 1: everything that ties a record to others, whatever limits say later. An alias is tied to both readings of its
 * previous id, `$unlink` to both its identifiers, so that all that may bear on a person is in one component.
 */
export function identifiersTiedBy(fact: Fact): readonly Identifier[] {
  if (fact.kind !== 'event' || !fact.alias || fact.ids.length === 0) return fact.ids
  return [...fact.ids, fact.alias.previousUser, fact.alias.previousAnonymous]
}

function isErased(fact: Fact): boolean {
  return fact.kind === 'event' && fact.erasedBy !== undefined
}

/** Whether the collector has noted that an `alias` came with a key that may join no users. */
function isUntrusted(record: JsonObject): boolean {
  const { flags } = objectAt(record, '_tributary')
  return Array.isArray(flags) && flags.includes('alias_untrusted')
}

import type { Json, JsonObject } from '@tributary/protocol'
import { Hash64 } from './hash64.ts'

/**
 * Fields that may differ between two deliveries of one event. The address is one of them for another reason as well: a
 * fingerprint is kept, and an address that may not be kept could be found from it by trying.
 */
const VOLATILE_FIELDS: ReadonlySet<string> = new Set([
  'sentAt',
  'receivedAt',
  'writeKey',
  '_metadata',
  'ip',
])

/** `context.delivery` counts attempts, and so differs between two deliveries too. */
const VOLATILE_CONTEXT_FIELDS: ReadonlySet<string> = new Set(['delivery', 'ip'])

const NONE: ReadonlySet<string> = new Set()

/** Told apart by what no two kinds of values share. */
const NULL = 1
const FALSE = 2
const TRUE = 3
const NUMBER = 4
const TEXT = 5
const ARRAY = 6
const OBJECT = 7

/**
 * The hash of an event's content, equal for two deliveries of it: the order of keys does not matter, and volatile fields
 * do not count. Two events with one id and different content are a conflict.
 *
 * @param event An event, or anything else that was sent in the place of one.
 * @param seed Another seed gives an independent hash.
 */
export function contentHash(event: Json, seed = 0): Hash64 {
  const hash = new Hash64(seed)
  const isObject = typeof event === 'object' && event !== null && !Array.isArray(event)
  if (isObject) addObject(hash, event, VOLATILE_FIELDS, VOLATILE_CONTEXT_FIELDS)
  else addValue(hash, event)
  return hash.finish()
}

/** Keys that are kept hashed: events have the same few again and again. Bounded, since anybody can send new ones. */
const MAX_KEPT_KEYS = 2000
const MAX_KEPT_KEY_LENGTH = 64
const keptKeys = new Map<string, Hash64>()

/** A new hash with the key in it. */
function startedWith(key: string): Hash64 {
  const kept = keptKeys.get(key)
  if (kept) return kept.copy()
  const hash = new Hash64()
  hash.text(key)
  if (keptKeys.size < MAX_KEPT_KEYS && key.length <= MAX_KEPT_KEY_LENGTH)
    keptKeys.set(key, hash.copy())
  return hash
}

/** The hash of a source's event id. */
export function idHash(source: string, messageId: string): Hash64 {
  const hash = new Hash64()
  hash.text(source)
  hash.text(messageId)
  return hash.finish()
}

/** The hash of what stands for a device: the key that decides its shard. */
export function deviceHash(shardKey: string): bigint {
  const hash = new Hash64()
  hash.text(shardKey)
  return hash.finish().toBigInt()
}

function addValue(hash: Hash64, value: Json | undefined): void {
  if (value === null || value === undefined) hash.word(NULL)
  else if (typeof value === 'string') {
    hash.word(TEXT)
    hash.text(value)
  } else if (typeof value === 'number') {
    hash.word(NUMBER)
    // Makes 0 of -0, which is written as 0.
    hash.float(value + 0)
  } else if (typeof value === 'boolean') hash.word(value ? TRUE : FALSE)
  else if (Array.isArray(value)) {
    hash.word(ARRAY)
    hash.word(value.length)
    for (const item of value) addValue(hash, item)
  } else addObject(hash, value, NONE, NONE)
}

/** Members are hashed one by one and added up, which needs no sorting of keys. */
function addObject(
  hash: Hash64,
  object: JsonObject,
  left: ReadonlySet<string>,
  leftOfContext: ReadonlySet<string>,
): void {
  let high = 0
  let low = 0
  for (const key of Object.keys(object)) {
    if (left.has(key)) continue
    const value = object[key]
    const member = startedWith(key)
    const isContext = key === 'context' && leftOfContext.size > 0
    if (isContext && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      addObject(member, value, leftOfContext, NONE)
    } else addValue(member, value)
    member.finish()
    high = (high + member.high) | 0
    low = (low + member.low) | 0
  }
  hash.word(OBJECT)
  hash.word(high)
  hash.word(low)
}

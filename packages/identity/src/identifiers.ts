import { isJsonObject, isRawNumber, type Json, type JsonObject } from '@tributary/protocol'
import { isBlocked } from './blocked-values.ts'
import { compareBytes } from './byte-order.ts'
import type { Rules } from './configuration.ts'

/** Something that names a person, normalised: equal identifiers have equal keys. */
export interface Identifier {
  /** `userId`, `email`, `phone`, `deviceId`, `anonymousId`, or the type of an external id. */
  type: string
  value: string
  /** `type:value`. A type has no colon, so that a key can be read back. */
  key: string
  /** Set where only the profile id of the identifier is known: of records that are erased, and of requests to erase. */
  fingerprint?: string
}

/** An identifier that occurs, and the time (ms) of the first event that carries it. */
export interface Sighting {
  identifier: Identifier
  firstSeen: number
}

/** R5: what is longer is a token or a text, and no name of a person. In UTF-16 units, after trimming. */
const MAX_IDENTIFIER_LENGTH = 256

const TYPE_NAME = /^[A-Za-z][\w.-]{0,63}$/
const LOOKS_LIKE_AN_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const LOOKS_LIKE_A_NUMBER = /^\+?\d{7,15}$/

/**
 * R5, R6: makes an identifier of what an event carries.
 *
 * @returns `undefined` for what identifies nobody: other than text and numbers, too long, blocked, or not of its type's form.
 */
export function makeIdentifier(
  type: string,
  raw: Json | undefined,
  rules: Rules,
): Identifier | undefined {
  if (!TYPE_NAME.test(type)) return undefined
  const text = textOf(raw)
  if (text === undefined || text.length > MAX_IDENTIFIER_LENGTH) return undefined
  const value = ofType(type, text)
  if (value === undefined || isBlocked(type, value, rules)) return undefined
  return { type, value, key: `${type}:${value}` }
}

/** Reads `type:value`, as control records and the API write identifiers; normalised as if an event had carried it. */
export function parseIdentifier(text: Json | undefined, rules: Rules): Identifier | undefined {
  if (typeof text !== 'string') return undefined
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : makeIdentifier(text.slice(0, colon), text.slice(colon + 1), rules)
}

/** R5: text in NFC without spaces around it; `undefined` for what is neither text nor a number. */
function textOf(raw: Json | undefined): string | undefined {
  const text = typeof raw === 'object' && raw !== null && isRawNumber(raw) ? raw.rawJSON : raw
  if (typeof text !== 'string' && typeof text !== 'number') return undefined
  // Half an emoji has no bytes of its own: UTF-8 writes all such halves alike, and so do we before anything is compared.
  return String(text)
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .normalize('NFC')
    .trim()
}

function ofType(type: string, text: string): string | undefined {
  if (type === 'email') {
    const address = text.toLowerCase().normalize('NFC')
    return LOOKS_LIKE_AN_ADDRESS.test(address) ? address : undefined
  }
  if (type === 'phone') {
    const number = text.replace(/[^+\d]/g, '').replace(/^00/, '+')
    return LOOKS_LIKE_A_NUMBER.test(number) ? number : undefined
  }
  return text
}

/** R4: the usable identifiers of an event, each once, best first. The first is the lead (R7). */
export function identifiersOf(event: JsonObject, rules: Rules): Identifier[] {
  const found = new Map<string, Identifier>()
  for (const [type, raw] of rawIdentifiersOf(event)) {
    if (rules.onlyTrusted && (type === 'email' || type === 'phone') && !isTrusted(event)) continue
    const identifier = makeIdentifier(type, raw, rules)
    if (identifier) found.set(identifier.key, identifier)
  }
  return [...found.values()].sort((a, b) => compareIdentifiers(a, b, rules))
}

/** R4: the places of an event that hold identifiers. Properties and the traits of groups do not: those tell of other things. */
function* rawIdentifiersOf(event: JsonObject): Generator<[type: string, raw: Json | undefined]> {
  yield ['userId', event.userId]
  yield ['anonymousId', event.anonymousId]
  const context = objectAt(event, 'context')
  yield ['deviceId', objectAt(context, 'device').id]
  const places = [objectAt(context, 'traits')]
  if (event.type === 'identify') places.push(objectAt(event, 'traits'))
  for (const traits of places) {
    yield ['email', traits.email]
    yield ['phone', traits.phone]
  }
  if (!Array.isArray(context.externalIds)) return
  for (const external of context.externalIds) {
    if (!isJsonObject(external) || external.collection !== 'users') continue
    if (typeof external.type === 'string') yield [external.type, external.id]
  }
}

function isTrusted(event: JsonObject): boolean {
  return objectAt(event, 'context').trusted === true
}

/** A field that should hold an object; an empty one where it does not. */
export function objectAt(object: JsonObject, field: string): JsonObject {
  const value = object[field]
  return isJsonObject(value) ? value : {}
}

/** R4: the better identifier first; of one type, by its bytes. */
export function compareIdentifiers(a: Identifier, b: Identifier, rules: Rules): number {
  return (
    rankOf(a.type, rules) - rankOf(b.type, rules) ||
    compareBytes(a.type, b.type) ||
    compareBytes(a.value, b.value)
  )
}

function rankOf(type: string, rules: Rules): number {
  return rules.ranks.get(type) ?? rules.otherRank
}

/** R13: by the time it was first seen, then by {@link compareIdentifiers}. */
export function compareFirstSeen(a: Sighting, b: Sighting, rules: Rules): number {
  return a.firstSeen - b.firstSeen || compareIdentifiers(a.identifier, b.identifier, rules)
}

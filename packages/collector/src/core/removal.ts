import {
  type Identifier,
  parseIdentifier,
  profileIdOf,
  type Rules,
  readRecord,
} from '@tributary/identity'
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type QuarantineRecord,
} from '@tributary/protocol'
import { readJson } from './read-json.ts'
import type { StoredEvent } from './stored-event.ts'
import { parseTimestamp } from './timestamps.ts'

/** A person's identifier by its fingerprint (`profileIdOf`), and the times (ms) from and up to which what names it goes. */
export interface RemovedPerson {
  fingerprint: string
  from: number
  through: number
}

/** An event that goes. One id may stand for an event of each of several people (docs/adr/0003): the lead tells whose it is. */
export interface RemovedEvent {
  source: string
  messageId: string
  /** Fingerprint of its lead. */
  lead: string
}

/** What is to be taken out of journals and lake. Plain data, so that it can be handed to a journal. */
export interface Removal {
  events: RemovedEvent[]
  /** Whose refused events go: they belong to no profile, and are known by what they say. */
  refused: RemovedPerson[]
  /** Whose events go wherever they carry the identifier: those of a time under objection. */
  suppressed: RemovedPerson[]
}

/** A removal, ready to be held against lines. */
export interface LineFilter {
  /** Whether an event goes. */
  takesEvent(line: string): boolean
  /** What is left of a quarantine record: `undefined` where it goes, the same text where nothing of it does. */
  leaveOfRefused(line: string): string | undefined
}

/** @param rules How identifiers are read. */
export function createFilter(removal: Removal, rules: Rules): LineFilter {
  const events = Map.groupBy(removal.events, nameOf)
  // Who may show data to browsers believes no address of theirs; yet it is somebody's, and goes with the rest.
  const reading: Rules = { ...rules, onlyTrusted: false }
  const refused = periodsOf(removal.refused)
  const suppressed = periodsOf(removal.suppressed)
  return {
    takesEvent(line) {
      const event = JSON.parse(line) as StoredEvent
      const named = events.get(nameOf(event))
      if (named) {
        const [lead] = readRecord(event, 0, rules).ids
        if (lead && named.some((other) => other.lead === profileIdOf(lead))) return true
      }
      if (suppressed.size === 0) return false
      const time = Date.parse(event.timestamp)
      return keysOf(event, reading).some((key) => isWithin(suppressed, key, time))
    },
    leaveOfRefused(line) {
      if (refused.size === 0) return line
      const record = readJson(line) as QuarantineRecord
      return leaveOf(record, line, (key, time) => isWithin(refused, key, time), reading)
    },
  }
}

function nameOf({ source, messageId }: Pick<RemovedEvent, 'source' | 'messageId'>): string {
  return `${source}\n${messageId}`
}

type Periods = ReadonlyMap<string, readonly RemovedPerson[]>

function periodsOf(people: readonly RemovedPerson[]): Periods {
  return Map.groupBy(people, ({ fingerprint }) => fingerprint)
}

function isWithin(periods: Periods, key: string, time: number): boolean {
  const all = periods.get(profileIdOf({ key })) ?? []
  return all.some(({ from, through }) => time >= from && time <= through)
}

/** Keys of the identifiers that an event carries, also where it was refused for its type. */
function keysOf(event: JsonObject, rules: Rules): string[] {
  // As `identify` every place is read that any event may carry an identifier in.
  const fact = readRecord({ ...event, type: 'identify' }, 0, rules)
  return fact.ids.map(({ key }) => key)
}

/** Of a whole body that was refused, others' events stay. */
function leaveOf(
  record: QuarantineRecord,
  line: string,
  isTheirs: (key: string, time: number) => boolean,
  rules: Rules,
): string | undefined {
  const receivedAt = Date.parse(record.receivedAt)
  const stays = (item: Json): boolean => {
    const time = isJsonObject(item) ? Math.min(timeOf(item) ?? receivedAt, receivedAt) : receivedAt
    return !mentionedIn(item, rules).some((key) => isTheirs(key, time))
  }
  const { payload } = record
  const list = Array.isArray(payload) ? payload : isJsonObject(payload) ? payload.batch : undefined
  if (!Array.isArray(list)) return stays(payload) ? line : undefined
  const shared = Array.isArray(payload) ? null : { ...(payload as JsonObject), batch: null }
  if (!stays(shared)) return undefined
  const left = list.filter(stays)
  if (left.length === list.length) return line
  if (left.length === 0) return undefined
  const kept = Array.isArray(payload) ? left : { ...(payload as JsonObject), batch: left }
  return JSON.stringify({ ...record, payload: kept })
}

function timeOf({ timestamp, originalTimestamp }: JsonObject): number | undefined {
  return parseTimestamp(timestamp ?? originalTimestamp)
}

/** What may stand in a text that could not be read, or anywhere in an event, and names a person by itself. */
const WORDS = /[^\s"'<>()[\]{},;:&=?/\\]+/g

/**
 * Keys of all that a refused payload may name: its identifiers; addresses and numbers wherever they stand; and of a text,
 * every word in it as if it were an identifier, for it may be an event that was cut off.
 */
export function mentionedIn(payload: Json, rules: Rules): string[] {
  if (isJsonObject(payload)) {
    const words = textsIn(payload).flatMap((text) => identifiersIn(text, ['email', 'phone'], rules))
    return [...keysOf(payload, rules), ...words.map(({ key }) => key)]
  }
  const words = textsIn(payload).flatMap((text) =>
    readable(text).flatMap((form) =>
      identifiersIn(form, ['email', 'phone', 'userId', 'anonymousId', 'deviceId'], rules),
    ),
  )
  return words.map(({ key }) => key)
}

const AROUND_WORDS = /^[^\p{L}\p{N}+]+|[^\p{L}\p{N}]+$/gu

function identifiersIn(text: string, types: readonly string[], rules: Rules): Identifier[] {
  // With what a sentence puts around a word, and without it: an id may end like that.
  const words = (text.match(WORDS) ?? []).flatMap((word) => {
    const bare = word.replace(AROUND_WORDS, '')
    return bare === word ? [word] : [word, bare]
  })
  return words.flatMap((word) =>
    types.flatMap((type) => parseIdentifier(`${type}:${word}`, rules) ?? []),
  )
}

function textsIn(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

/** What a body that is no text is kept as (`request-body.ts`). */
const BASE64 = 'base64:'

/** A text as it is, and as it reads where it is encoded for a URL or kept as bytes. */
function readable(text: string): string[] {
  const forms = [text]
  if (text.includes('%')) {
    forms.push(
      text.replace(/%[0-7][0-9a-f]/gi, (code) =>
        String.fromCharCode(Number.parseInt(code.slice(1), 16)),
      ),
    )
  }
  if (text.startsWith(BASE64)) {
    try {
      forms.push(atob(text.slice(BASE64.length)))
    } catch {
      // Then it is a text that only begins so.
    }
  }
  return forms
}

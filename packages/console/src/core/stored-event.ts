import type { Json, JsonObject } from '@tributary/protocol'
import { objectIn } from './json.ts'

/** An event as the API lists it. */
export interface StoredEvent extends JsonObject {
  type: string
  messageId: string
  source: string
  receivedAt: string
  timestamp: string
}

/** What the list is narrowed to; an empty text is no bound. */
export interface EventFilter {
  source: string
  type: string
  text: string
}

/** Events that the list holds: more than one looks through, and little to draw. */
export const MAX_LISTED = 500

/** What tells an event from all others. */
export function keyOf({ source, messageId, receivedAt }: StoredEvent): string {
  return `${source} ${messageId} ${receivedAt}`
}

/** What the event is about: its name, or its page's. */
export function titleOf(event: StoredEvent): string {
  if (typeof event.event === 'string') return event.event
  if (typeof event.name === 'string' && event.name !== '') return event.name
  if (event.type === 'group' && typeof event.groupId === 'string') return event.groupId
  if (event.type === 'identify') return whoOf(event)
  const path = objectIn(event.context, 'page').path
  return typeof path === 'string' ? path : event.type
}

/** Whose it is, by the strongest identifier it has. */
export function whoOf(event: StoredEvent): string {
  for (const id of [event.userId, event.anonymousId]) if (typeof id === 'string') return id
  return '—'
}

/** `{type}:{value}` of the same, as the API asks for a profile; `undefined` for an event of nobody. */
export function identifierOf(event: StoredEvent): string | undefined {
  for (const type of ['userId', 'anonymousId'] as const) {
    if (typeof event[type] === 'string') return `${type}:${event[type]}`
  }
  return undefined
}

/** Whether an event is in the list. The text may stand anywhere in it. */
export function matchesFilter(event: StoredEvent, { source, type, text }: EventFilter): boolean {
  if (source !== '' && event.source !== source) return false
  if (type !== '' && event.type !== type) return false
  return text === '' || JSON.stringify(event).toLowerCase().includes(text.toLowerCase())
}

/** The list with more events in it, newest first, each once, and no longer than it may be. */
export function addEvents(
  list: readonly StoredEvent[],
  more: readonly StoredEvent[],
): StoredEvent[] {
  const byKey = new Map([...more, ...list].map((event) => [keyOf(event), event]))
  return [...byKey.values()]
    .sort((a, b) => compare(b.receivedAt, a.receivedAt) || compare(b.messageId, a.messageId))
    .slice(0, MAX_LISTED)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** One line of what is known of an event. */
export type Fact = [name: string, value: string]

/** The verdict on an event and how it came, for its detail pane. */
export function factsOf(event: StoredEvent): Fact[] {
  const notes = objectIn(event, '_tributary')
  const clock = objectIn(notes, 'clock')
  const replayed = objectIn(notes, 'replayed')
  const facts: Fact[] = [
    ['Verdict', replayed.id === undefined ? 'accepted' : `accepted, replayed from ${replayed.id}`],
    ['Source', event.source],
    ['Received', event.receivedAt],
    ['Happened', event.timestamp],
  ]
  if (clock.method !== undefined) facts.push(['Time found by', clockText(clock)])
  for (const [index, { path, message }] of listIn(notes, 'violations').entries()) {
    facts.push([`Plan, fault ${index + 1}`, `${path}: ${message}`])
  }
  if (Array.isArray(notes.flags)) facts.push(['Flags', notes.flags.join(', ')])
  return facts
}

function clockText({ method, confidence, offsetMs }: JsonObject): string {
  const sure = confidence === undefined ? '' : ` (${confidence})`
  return `${method}${sure}${offsetMs === undefined ? '' : `, moved by ${offsetMs} ms`}`
}

/** Where the event stands in its client's count; empty where that does not count. */
export function deliveryOf(event: StoredEvent): Fact[] {
  const { stream, seq, attempt } = objectIn(event.context, 'delivery')
  if (stream === undefined) return []
  const facts: Fact[] = [
    ['Stream', String(stream)],
    ['Number in it', String(seq)],
  ]
  if (attempt !== undefined) facts.push(['Attempt', String(attempt)])
  return facts
}

/** Fields that the collector replaced, with what the client had sent; `undefined` where it replaced none. */
export function replacedIn(event: StoredEvent): Json | undefined {
  return objectIn(event, '_tributary').sent
}

function listIn(value: JsonObject, name: string): JsonObject[] {
  const list = value[name]
  return Array.isArray(list) ? (list as JsonObject[]) : []
}

import { attempt } from './attempt.ts'

/** One event in the queue. */
export interface Entry {
  /** Orders the queue by time of call; see {@link entryKey}. */
  key: string
  /** The event as JSON. */
  eventJson: string
  /** Key of the row that holds it, once it is in one: that of the row's first event. */
  row: string
}

/** Characters of a UUID as text. */
const UUID_LENGTH = 36

/**
 * Key of an event in the queue. A UUIDv7 comes first, so that keys sort in the order of the calls. A `messageId`
 * that the page chose follows it: two events that were given the same one must still be two in the accounts.
 */
export function entryKey(uuid: string, messageId: string): string {
  return uuid === messageId ? uuid : uuid + encodeURIComponent(messageId)
}

/** The `messageId` of the event under a key. */
export function messageIdOf({ key }: Pick<Entry, 'key'>): string {
  // Where another script's hand was at our storage, the collector will not know the event.
  return attempt(() => decodeURIComponent(key.slice(UUID_LENGTH))) || key
}

/** When the event under a key was made, milliseconds since the epoch (RFC 9562, 5.7). */
export function timeOf(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16)
}

/** UTF-8 bytes of a text. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Entries as the text of a row: a line each, which neither keys nor JSON can break. */
export function rowText(entries: readonly Entry[]): string {
  return entries.map(({ key, eventJson }) => key + eventJson).join('\n')
}

/** The entries in the text of a row. */
export function readRow(row: string, text: string): Entry[] {
  return `${text}`.split('\n').flatMap((line) => {
    const at = line.indexOf('{', UUID_LENGTH)
    return at < 0 ? [] : [{ key: line.slice(0, at), eventJson: line.slice(at), row }]
  })
}

/** Body of `POST /v1/batch` from events that are already JSON, so that nothing is serialised twice. */
export function composeBody(envelope: object, entries: readonly Entry[]): string {
  const head = JSON.stringify(envelope).slice(0, -1)
  return `${head},"batch":[${entries.map(({ eventJson }) => eventJson).join(',')}]}`
}

/** One event in the queue. */
export interface Entry {
  /** Orders the queue by time of call; see {@link entryKey}. */
  key: string
  /** The event as JSON. */
  json: string
}

/** Characters of a UUID as text. */
const UUID_LENGTH = 36

/**
 * Key of an event in the queue. A UUIDv7 comes first, so that keys sort in the order of the calls. A `messageId`
 * that the page chose follows it: two events that were given the same one must still be two in the accounts.
 */
export function entryKey(uuid: string, messageId: string): string {
  return uuid === messageId ? uuid : uuid + messageId
}

/** The `messageId` of the event under a key. */
export function messageIdOf(key: string): string {
  return key.slice(UUID_LENGTH) || key
}

/** UTF-8 bytes of entries in a body, with the comma after each. */
export function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { json }) => sum + new TextEncoder().encode(json).length + 1, 0)
}

/** Body of `POST /v1/batch` from events that are already JSON, so that nothing is serialised twice. */
export function composeBody(writeKey: string, sentAtMs: number, entries: readonly Entry[]): string {
  const sentAt = new Date(sentAtMs).toISOString()
  const head = JSON.stringify({ writeKey, sentAt, verdicts: true }).slice(0, -1)
  return `${head},"batch":[${entries.map((entry) => entry.json).join(',')}]}`
}

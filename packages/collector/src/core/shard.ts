import type { Json, JsonObject } from '@tributary/protocol'

/**
 * What decides the shard of an event: its ids as the client sent them, before any rule fills one in,
 * so that a retry, however it is batched again, meets the shard that has its fingerprint.
 *
 * @param messageId Used when the event names nobody.
 */
export function shardKey(source: string, event: JsonObject, messageId: string): string {
  return `${source}\n${ownerOf(event) ?? messageId}`
}

/** Whom an event names; `undefined` where it names nobody. */
export function ownerOf(event: JsonObject): string | undefined {
  return idText(event.anonymousId) ?? idText(event.userId)
}

/** An identifier as text; what is empty or neither text nor a number identifies nobody. */
function idText(value: Json | undefined): string | undefined {
  if (value === '') return undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** The shard for a key, from 0 up to `shards`, by FNV-1a (32 bits) over UTF-16 code units. */
export function shardOf(key: string, shards: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  // The low bits of FNV-1a alone distribute badly over a power of two; folding the high ones in mends it.
  return ((hash ^ (hash >>> 15)) >>> 0) % shards
}

import { v7 } from 'uuid'

const BYTES_PER_ID = 16
/** Ids that one call for random bytes serves: asking for each id by itself takes ten times as long. */
const STOCK = 256

const UUID_7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i

/**
 * Makes UUIDv7s.
 *
 * @param fillRandom Fills the bytes from a cryptographic source.
 */
export function createMessageIds(
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => unknown,
): () => string {
  const stock = new Uint8Array(STOCK * BYTES_PER_ID)
  let used = stock.length
  return () => {
    if (used === stock.length) {
      fillRandom(stock)
      used = 0
    }
    used += BYTES_PER_ID
    return v7({ random: stock.subarray(used - BYTES_PER_ID, used) })
  }
}

/** When a UUIDv7 was made, milliseconds since the epoch; undefined for any other text. */
export function timeOfMessageId(id: string): number | undefined {
  return UUID_7.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}

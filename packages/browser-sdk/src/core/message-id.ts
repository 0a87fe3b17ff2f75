/** Ids that can be made within one millisecond before the next one is borrowed. */
const IDS_PER_MS = 4096

/**
 * Makes UUIDv7s (RFC 9562, 5.7), each greater than all before it, also when the clock is set back: the 12 bits after
 * the time count within a millisecond.
 *
 * @param randomBytes Eight of them.
 */
export function createMessageIds(now: () => number, randomBytes: () => Uint8Array): () => string {
  let ms = 0
  let count = 0
  return () => {
    const time = now()
    if (time > ms || ++count === IDS_PER_MS) {
      ms = Math.max(time, ms + 1)
      count = 0
    }
    const bytes = randomBytes()
    // The variant: two bits that are always 10.
    bytes[0] = ((bytes[0] as number) & 63) | 128
    const random = Array.from(bytes, (byte) => hex(byte, 2)).join('')
    return `${hex(ms, 12)}7${hex(count, 3)}${random}`.replace(
      /(.{8})(.{4})(.{4})(.{4})/,
      '$1-$2-$3-$4-',
    )
  }
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0')
}

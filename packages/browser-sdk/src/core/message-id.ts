/** Ids that can be made within one millisecond before the next one is borrowed. */
const IDS_PER_MS = 4096

/**
 * Makes UUIDv7s (RFC 9562, 5.7), each greater than all before it, also when the clock is set back: the 12 bits after
 * the time count within a millisecond.
 *
 * @param randomWords Two of 32 bits for an id, and as many ids' at once as it likes: to ask the system is what costs.
 */
export function createMessageIds(now: () => number, randomWords: () => Uint32Array): () => string {
  const words: number[] = []
  let ms = 0
  let count = 0
  return () => {
    const time = now()
    if (time > ms || ++count === IDS_PER_MS) {
      ms = Math.max(time, ms + 1)
      count = 0
    }
    if (!words.length) words.push(...randomWords())
    // The variant: two bits that are always 10.
    const word = (): number => words.pop() as number
    return `${hex(ms, 12)}7${hex(count, 3)}${hex((word() >>> 2) + 0x80000000, 8)}${hex(word(), 8)}`.replace(
      /(.{8})(.{4})(.{4})(.{4})/,
      '$1-$2-$3-$4-',
    )
  }
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0')
}

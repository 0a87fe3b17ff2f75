/** Ids that one call for random words serves: asking for each id by itself is most of its cost. */
const STOCK = 256
const WORDS_PER_ID = 5

const UUID_7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i

/**
 * Makes UUIDv7s (RFC 9562, 5.7): 48 bits of time, then 74 random ones. A quarter of the time of the
 * package `uuid`, which writes and reads bytes; see docs/adr/0022-uuid-of-our-own-in-node.md.
 *
 * @param fillRandom Fills the words with random bits of a cryptographic source.
 * @param nowMs Milliseconds since the epoch.
 */
export function createUuid7(
  fillRandom: (words: Uint16Array<ArrayBuffer>) => unknown,
  nowMs: () => number,
): () => string {
  const words = new Uint16Array(STOCK * WORDS_PER_ID)
  let used = words.length
  // The time's part is the same for all ids of a millisecond.
  let timeMs = -1
  let time = ''
  return () => {
    if (used === words.length) {
      fillRandom(words)
      used = 0
    }
    const now = nowMs()
    if (now !== timeMs) {
      timeMs = now
      const hex = now.toString(16).padStart(12, '0')
      time = `${hex.slice(0, 8)}-${hex.slice(8)}-`
    }
    const take = (): number => words[used++] as number
    const a = 0x7000 | (take() & 0xfff)
    const b = 0x8000 | (take() & 0x3fff)
    return `${time}${a.toString(16)}-${b.toString(16)}-${hexOf(take())}${hexOf(take())}${hexOf(take())}`
  }
}

/** The four digits of a word, looked up. */
const HEX: readonly string[] = Array.from({ length: 2 ** 8 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

function hexOf(word: number): string {
  return `${HEX[word >> 8]}${HEX[word & 0xff]}`
}

/** When a UUIDv7 was made, milliseconds since the epoch; undefined for any other text. */
export function timeOfUuid7(id: string): number | undefined {
  return UUID_7.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined
}

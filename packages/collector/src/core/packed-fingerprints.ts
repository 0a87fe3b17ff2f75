/**
 * Fingerprints packed into one array: pairs of 64-bit numbers, the hash of (source, id) and the hash of
 * the content, sorted by the first. 16 bytes an event, found by halving.
 */
export type PackedFingerprints = BigUint64Array

/** One event's fingerprint. */
export interface Fingerprint {
  id: bigint
  content: bigint
}

/**
 * Where `id` stands in the array; -1 when it does not. Its content hash is the next element. Compares halves as plain
 * numbers (little-endian, the low one first): each look at a 64-bit element would make an object of it.
 */
export function indexOfId(packed: PackedFingerprints, id: bigint): number {
  const words = new Uint32Array(packed.buffer, packed.byteOffset, packed.length * 2)
  const wantedHigh = Number(id >> 32n)
  const wantedLow = Number(id & 0xffffffffn)
  let low = 0
  let high = packed.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    const foundHigh = words[middle * 4 + 1] as number
    const foundLow = words[middle * 4] as number
    if (foundHigh === wantedHigh && foundLow === wantedLow) return middle * 2
    if (foundHigh < wantedHigh || (foundHigh === wantedHigh && foundLow < wantedLow)) {
      low = middle + 1
    } else high = middle
  }
  return -1
}

/** The content hash kept for `id`, or `undefined` when the id is not there. */
export function findContent(packed: PackedFingerprints, id: bigint): bigint | undefined {
  const index = indexOfId(packed, id)
  return index < 0 ? undefined : packed[index + 1]
}

/**
 * The parts of a bucket with `added` put in: into the last until it has `maxPerPart`, then into new ones. Parts that
 * do not change stay the same arrays. The ids of `added` must be in no part.
 */
export function addToParts(
  parts: readonly PackedFingerprints[],
  added: readonly Fingerprint[],
  maxPerPart: number,
): PackedFingerprints[] {
  const last = parts.at(-1)
  const room = last ? maxPerPart - last.length / 2 : 0
  const grown = [...parts]
  if (last && room > 0) grown[parts.length - 1] = merge(last, added.slice(0, room))
  for (let from = Math.max(room, 0); from < added.length; from += maxPerPart) {
    grown.push(merge(new BigUint64Array(), added.slice(from, from + maxPerPart)))
  }
  return grown
}

/** A new packed array with `added` merged in. */
function merge(packed: PackedFingerprints, added: readonly Fingerprint[]): PackedFingerprints {
  const sorted = [...added].sort((a, b) => (a.id < b.id ? -1 : 1))
  const merged = new BigUint64Array(packed.length + sorted.length * 2)
  let from = 0
  let to = 0
  for (const { id, content } of sorted) {
    const start = from
    while (from < packed.length && (packed[from] as bigint) < id) from += 2
    merged.set(packed.subarray(start, from), to)
    to += from - start
    merged[to++] = id
    merged[to++] = content
  }
  merged.set(packed.subarray(from), to)
  return merged
}

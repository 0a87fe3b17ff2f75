import { addToParts, indexOfId, type PackedFingerprints } from './packed-fingerprints.ts'

/** What is known of the events of a delivery stream, or of all streams of a source. */
export interface StreamCounts {
  /** Events that the client has made: one more than the highest number it has told of. */
  created: number
  /** Of these, those that have arrived, each once. */
  received: number
}

/** The streams of a source together. What is created and not received is missing, or still on its way. */
export interface StreamTotals extends StreamCounts {
  streams: number
}

/** What has become known of one stream since it was last told. */
export interface StreamNews extends StreamCounts {
  /** Hash of source and stream. */
  id: bigint
}

/** Counts are kept with 32 bits each. */
const HALF = 32n
const LOW_HALF = 0xffffffffn

function pack({ created, received }: StreamCounts): bigint {
  return (BigInt(created) << HALF) | BigInt(received)
}

function unpack(packed: bigint): StreamCounts {
  return { created: Number(packed >> HALF), received: Number(packed & LOW_HALF) }
}

/**
 * Takes news into the packed counts of one bucket (16 bytes a stream) and adds the difference to the totals, in place.
 * Telling the highest number again changes nothing; what is received adds up, so news must be taken once.
 *
 * @returns The parts; those without news stay the same arrays.
 */
export function takeNews(
  parts: readonly PackedFingerprints[],
  news: readonly StreamNews[],
  totals: StreamTotals,
  maxPerPart: number,
): PackedFingerprints[] {
  const changed = [...parts]
  const added: { id: bigint; content: bigint }[] = []
  for (const { id, ...counts } of news) {
    const place = findPlace(changed, id)
    const before = place ? unpack(changed[place.part]?.[place.index] as bigint) : undefined
    const after = merge(before ?? { created: 0, received: 0 }, counts)
    if (place) {
      if (changed[place.part] === parts[place.part]) {
        changed[place.part] = (parts[place.part] as PackedFingerprints).slice()
      }
      ;(changed[place.part] as PackedFingerprints)[place.index] = pack(after)
    } else added.push({ id, content: pack(after) })
    totals.streams += before ? 0 : 1
    totals.created += after.created - (before?.created ?? 0)
    totals.received += after.received - (before?.received ?? 0)
  }
  return added.length > 0 ? addToParts(changed, added, maxPerPart) : changed
}

/** More cannot have arrived than was made; where a client numbers two events alike, what arrived is right. */
function merge(before: StreamCounts, news: StreamCounts): StreamCounts {
  const received = before.received + news.received
  return { received, created: Math.max(before.created, news.created, received) }
}

/** Where the counts of a stream are. */
function findPlace(
  parts: readonly PackedFingerprints[],
  id: bigint,
): { part: number; index: number } | undefined {
  for (const [part, packed] of parts.entries()) {
    const index = indexOfId(packed, id)
    if (index >= 0) return { part, index: index + 1 }
  }
  return undefined
}

/**
 * What the journal knows of an event beside its line. Packed, because the Worker hands it over, the journal's row keeps it
 * and the drain reads it; as objects it would cost more than the event itself.
 */
export interface Print {
  /** Hash of source and id. */
  id: bigint
  /** Hash of the content. */
  content: bigint
  /** The hour whose bucket will hold the fingerprint. */
  bucket: number
  /** Index of its stream among those of the append, and its place in it; `NO_STREAM` and 0 without one. */
  stream: number
  seq: number
}

/** Stands for the stream of an event that names none. */
export const NO_STREAM = 0xffffffff

/** 64-bit words an event: id, content, bucket with stream, seq. */
const WORDS = 4

/** Size of a packed print. */
export const PRINT_BYTES = WORDS * 8

/** The prints in order, 32 bytes each. */
export function packPrints(prints: readonly Print[]): ArrayBuffer {
  const buffer = new ArrayBuffer(prints.length * WORDS * 8)
  const long = new BigUint64Array(buffer)
  const short = new Uint32Array(buffer)
  for (const [index, { id, content, bucket, stream, seq }] of prints.entries()) {
    const at = index * WORDS
    long[at] = id
    long[at + 1] = content
    short[at * 2 + 4] = bucket
    short[at * 2 + 5] = stream
    short[at * 2 + 6] = seq
  }
  return buffer
}

/** The reverse of {@link packPrints}. */
export function unpackPrints(buffer: ArrayBuffer): Print[] {
  const long = new BigUint64Array(buffer)
  const short = new Uint32Array(buffer)
  return Array.from({ length: long.length / WORDS }, (_, index) => {
    const at = index * WORDS
    return {
      id: long[at] as bigint,
      content: long[at + 1] as bigint,
      bucket: short[at * 2 + 4] as number,
      stream: short[at * 2 + 5] as number,
      seq: short[at * 2 + 6] as number,
    }
  })
}

/** Bounds of one batch. */
export interface BatchLimits {
  /** Most events in a batch, at least 1. */
  maxEvents: number
  /** Most bytes of events in a batch, one separator byte each included. */
  maxBytes: number
}

/**
 * Splits items, in order, into batches within the limits. An item that alone exceeds `maxBytes`
 * gets a batch of its own: whether it is too large is for the receiver to say.
 *
 * @param bytesOf Size of one item in bytes.
 * @returns The batches; none is empty.
 */
export function splitBatch<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  limits: BatchLimits,
): T[][] {
  const batches: T[][] = []
  let batch: T[] = []
  let bytes = 0
  for (const item of items) {
    const size = bytesOf(item) + 1
    if (batch.length > 0 && (batch.length >= limits.maxEvents || bytes + size > limits.maxBytes)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += size
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}

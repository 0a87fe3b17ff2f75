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
  let batch: T[] | undefined
  let bytes = 0
  for (const item of items) {
    const size = bytesOf(item) + 1
    bytes += size
    if (!batch || batch.length >= limits.maxEvents || bytes > limits.maxBytes) {
      batch = []
      batches.push(batch)
      bytes = size
    }
    batch.push(item)
  }
  return batches
}

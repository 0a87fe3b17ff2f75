/** Bytes, and whether they are all there were. */
export interface BoundedBytes {
  bytes: Uint8Array
  isWhole: boolean
}

/**
 * The stream's bytes; no more than `maxBytes` of them, and then `isWhole` is false.
 *
 * @param maxDiscarded How much more to read and throw away before the stream is closed.
 */
export async function readBounded(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  maxDiscarded = 0,
): Promise<BoundedBytes> {
  const chunks: Uint8Array[] = []
  let length = 0
  let kept = 0
  for await (const chunk of stream ?? []) {
    length += chunk.length
    if (kept <= maxBytes) {
      chunks.push(chunk)
      kept = length
    }
    if (length > maxBytes + maxDiscarded) break
  }
  const bytes = new Uint8Array(kept)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return { bytes: bytes.subarray(0, maxBytes), isWhole: length <= maxBytes }
}

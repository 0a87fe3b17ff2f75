/**
 * Records packed for one row: frames one behind the other, each the length of its content in four bytes (little-endian)
 * and the content, lines compressed with raw DEFLATE. So records are added to a row without reading what is in it.
 */

const LENGTH_BYTES = 4

/** Lines of one frame, or of one message to another shard, in UTF-16 units. Also after UTF-8 and without compression they fit a row. */
export const MAX_FRAME_LENGTH = 256 * 1024

/** One frame of some lines. */
export async function toFrame(lines: readonly string[]): Promise<Uint8Array> {
  const packed = await transform(
    new TextEncoder().encode(lines.join('\n')),
    new CompressionStream('deflate-raw'),
  )
  const frame = new Uint8Array(LENGTH_BYTES + packed.byteLength)
  new DataView(frame.buffer).setUint32(0, packed.byteLength, true)
  frame.set(packed, LENGTH_BYTES)
  return frame
}

/** The lines of all frames, in order. */
export async function linesOfFrames(frames: ArrayBuffer): Promise<string[]> {
  const view = new DataView(frames)
  const lines: string[] = []
  for (let at = 0; at < frames.byteLength; ) {
    const length = view.getUint32(at, true)
    const content = new Uint8Array(frames, at + LENGTH_BYTES, length)
    const text = await transform(content, new DecompressionStream('deflate-raw'))
    for (const line of new TextDecoder().decode(text).split('\n')) lines.push(line)
    at += LENGTH_BYTES + length
  }
  return lines
}

async function transform(
  bytes: Uint8Array,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const readable = new Blob([bytes]).stream().pipeThrough(through)
  return new Uint8Array(await new Response(readable).arrayBuffer())
}

/** Lines of records, in parts that a frame has room for. */
export function inFrames(items: readonly { line: string }[]): string[][] {
  const parts: string[][] = []
  let length = MAX_FRAME_LENGTH
  for (const { line } of items) {
    if (length + line.length > MAX_FRAME_LENGTH) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(line)
    length += line.length
  }
  return parts
}

/** The bytes alone, as SQL takes them. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}

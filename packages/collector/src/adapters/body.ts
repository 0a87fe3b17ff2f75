import type { Refusal } from '@tributary/protocol'

/** Why a body could not be read. */
type BodyRefusalCode = 'body_too_large' | 'invalid_compression'

/** A body, or why it could not be read and its beginning. */
export type BodyResult =
  | { ok: true; bytes: Uint8Array }
  | { ok: false; error: Refusal<BodyRefusalCode>; head: Uint8Array }

/**
 * Reads a request's body, inflating gzip and zlib. The first bytes decide and not the headers: RudderStack's
 * Node SDK sends gzip under a form content type, and `sendBeacon` cannot set `Content-Encoding` at all.
 *
 * @param maxBytes Bound on the body both as sent and inflated; reading stops there, so a zip bomb costs no more.
 * @param headBytes How much to give of a body that could not be read.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  headBytes: number,
): Promise<BodyResult> {
  const refuse = (code: BodyRefusalCode, message: string, bytes: Uint8Array): BodyResult => ({
    ok: false,
    error: { code, message },
    head: bytes.slice(0, headBytes),
  })
  const tooLarge = `The body may have at most ${maxBytes} bytes, inflated.`

  const sent = await readSent(request, maxBytes)
  if (!sent.isWhole) return refuse('body_too_large', tooLarge, sent.bytes)
  const format = compressionOf(sent.bytes)
  if (!format) return { ok: true, bytes: sent.bytes }
  try {
    const inflated = await readBounded(
      new Blob([sent.bytes]).stream().pipeThrough(new DecompressionStream(format)),
      maxBytes,
    )
    if (!inflated.isWhole) return refuse('body_too_large', tooLarge, inflated.bytes)
    return { ok: true, bytes: inflated.bytes }
  } catch {
    const message = `The body begins like ${format} but could not be inflated.`
    return refuse('invalid_compression', message, sent.bytes)
  }
}

/** A body of known and allowed size is read at once, which costs a fraction of reading it in chunks. */
async function readSent(request: Request, maxBytes: number): Promise<BoundedBytes> {
  const declared = request.headers.get('content-length')
  return declared !== null && Number(declared) <= maxBytes
    ? { bytes: new Uint8Array(await request.arrayBuffer()), isWhole: true }
    : readBounded(request.body, maxBytes, MAX_DISCARDED_BYTES)
}

/** By magic bytes: RFC 1952 for gzip, RFC 1950 for zlib. No JSON text begins like either. */
function compressionOf(bytes: Uint8Array): 'gzip' | 'deflate' | undefined {
  const [first = 0, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  if (first === 0x78 && (first * 256 + second) % 31 === 0) return 'deflate'
  return undefined
}

/** Some of what is too large is read and thrown away: a client that is cut off while it sends may never see its answer. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024

/** Bytes, and whether they are all there were. */
interface BoundedBytes {
  bytes: Uint8Array
  isWhole: boolean
}

/** The stream's bytes; no more than `maxBytes` of them, and then `isWhole` is false. */
async function readBounded(
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

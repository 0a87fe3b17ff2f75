import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'

/** Why a body could not be read. */
export type BodyRefusalCode = 'body_too_large' | 'invalid_compression'

/**
 * Reads a request's body, inflating gzip and zlib. The first bytes decide and not the headers: RudderStack's
 * Node SDK sends gzip under a form content type, and `sendBeacon` cannot set `Content-Encoding` at all.
 *
 * @param maxBytes Bound on the body both as sent and inflated; reading stops there, so a zip bomb costs no more.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<Result<Uint8Array, Refusal<BodyRefusalCode>>> {
  if (!request.body) return accept(new Uint8Array())
  const declared = Number(request.headers.get('content-length') ?? Number.NaN)
  if (declared > maxBytes) return tooLarge(maxBytes)
  const sent = Number.isNaN(declared)
    ? await readBounded(request.body, maxBytes)
    : new Uint8Array(await request.arrayBuffer())
  if (!sent) return tooLarge(maxBytes)
  const format = compressionOf(sent)
  if (!format) return accept(sent)
  try {
    const stream = new Response(sent).body as ReadableStream<Uint8Array>
    const inflated = stream.pipeThrough(new DecompressionStream(format))
    const bytes = await readBounded(inflated, maxBytes)
    return bytes ? accept(bytes) : tooLarge(maxBytes)
  } catch {
    return refuse(
      'invalid_compression',
      `The body begins like ${format} but could not be inflated.`,
    )
  }
}

function tooLarge(maxBytes: number) {
  return refuse('body_too_large', `The body may have ${maxBytes} bytes, inflated.`)
}

/** By magic bytes: RFC 1952 for gzip, RFC 1950 for zlib. No JSON text begins like either. */
function compressionOf(bytes: Uint8Array): 'gzip' | 'deflate' | undefined {
  const [first = 0, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  if (first === 0x78 && (first * 256 + second) % 31 === 0) return 'deflate'
  return undefined
}

/** Everything in the stream, or `undefined` as soon as it is more than `maxBytes`. */
async function readBounded(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > maxBytes) return undefined
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}

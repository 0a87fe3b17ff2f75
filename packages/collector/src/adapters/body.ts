import type { Refusal } from '@tributary/protocol'
import { within } from './deadline.ts'
import { inflate, openInflater } from './inflate.ts'
import { type BoundedBytes, readBounded } from './read-bounded.ts'

/** Why a body could not be read. `body_timeout` and `body_incomplete` are temporary: the same body may arrive next time. */
type BodyRefusalCode =
  | 'body_too_large'
  | 'invalid_compression'
  | 'unsupported_encoding'
  | 'body_timeout'
  | 'body_incomplete'

/** A body, or why it could not be read and its beginning. */
export type BodyResult =
  | { ok: true; bytes: Uint8Array }
  | { ok: false; error: Refusal<BodyRefusalCode>; head: Uint8Array }

/** Bounds on reading a body. */
export interface BodyLimits {
  /** Of the body both as sent and inflated; reading stops there, so a zip bomb costs no more. */
  maxBytes: number
  /** How much to give of a body that could not be read. */
  headBytes: number
  /** Time until its last byte, in milliseconds. */
  timeoutMs: number
}

/** Compressions that a client may lay over each other: its own and a proxy's. */
const MAX_LAYERS = 2

/**
 * Reads a request's body and inflates it. The first bytes decide, and the header only where they tell nothing:
 * RudderStack's Node SDK sends gzip under a form content type, `sendBeacon` cannot set `Content-Encoding` at all, and
 * proxies inflate without taking the header away.
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<BodyResult> {
  const { maxBytes } = limits
  const refuse = (code: BodyRefusalCode, message: string, bytes: Uint8Array): BodyResult => ({
    ok: false,
    error: { code, message },
    head: bytes.slice(0, limits.headBytes),
  })
  const tooLarge = `The body may have at most ${maxBytes} bytes, inflated.`

  const sent = await readSent(request, limits)
  if (typeof sent === 'string') return refuse(sent, UNREAD_MESSAGES[sent], new Uint8Array())
  if (!sent.isWhole) return refuse('body_too_large', tooLarge, sent.bytes)

  const stated = statedEncodings(request)
  let bytes = sent.bytes
  for (let layer = 0; ; layer++) {
    const encoding = encodingOf(bytes, stated.pop())
    if (!encoding) return { ok: true, bytes }
    if (layer === MAX_LAYERS || !openInflater(encoding)) {
      return refuse('unsupported_encoding', unsupported(encoding), sent.bytes)
    }
    const inflated = await inflate(bytes, encoding, maxBytes)
    if (!inflated) {
      const message = `The body begins like ${encoding} but could not be inflated.`
      return refuse('invalid_compression', message, sent.bytes)
    }
    if (!inflated.isWhole) return refuse('body_too_large', tooLarge, inflated.bytes)
    bytes = inflated.bytes
  }
}

const UNREAD_MESSAGES = {
  body_timeout: 'The body took too long to arrive. Send it again.',
  body_incomplete: 'The body ended before it was complete. Send it again.',
}

function unsupported(encoding: string): string {
  const readable = ['gzip', 'deflate', 'br', 'zstd'].filter(openInflater).join(', ')
  return `The body is compressed with ${encoding}, or more than ${MAX_LAYERS} times. Send it plain or in one of: ${readable}.`
}

/** `Content-Encoding` as a list, the last applied last (RFC 9110, 8.4). */
function statedEncodings(request: Request): string[] {
  const header = request.headers.get('content-encoding') ?? ''
  return header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
}

/** By magic bytes: RFC 1952 for gzip, RFC 1950 for zlib, RFC 8878 for zstd. No JSON text begins like one of these. */
function encodingOf(bytes: Uint8Array, stated: string | undefined): string | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'gzip'
  if (first === 0x78 && (first * 256 + second) % 31 === 0) return 'deflate'
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return 'zstd'
  const hasNoMagic = stated === 'deflate' || stated === 'br'
  return hasNoMagic && !isText(bytes) ? stated : undefined
}

/** Whether bytes can be JSON. A raw deflate or brotli stream may begin like it, but is hardly ever valid UTF-8. */
function isText(bytes: Uint8Array): boolean {
  try {
    return /^\s*[[{]/.test(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes),
    )
  } catch {
    return false
  }
}

/** Some of what is too large is read and thrown away: a client that is cut off while it sends may never see its answer. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024

/** The body as it was sent. The platform has no limit of its own on the time that a body takes. */
async function readSent(
  request: Request,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<BoundedBytes | 'body_timeout' | 'body_incomplete'> {
  try {
    return await within(readAll(request, maxBytes), timeoutMs, 'body_timeout')
  } catch {
    return 'body_incomplete'
  }
}

/** A body of known and allowed size is read at once, which costs a fraction of reading it in chunks. */
async function readAll(request: Request, maxBytes: number): Promise<BoundedBytes> {
  const declared = request.headers.get('content-length')
  return declared !== null && Number(declared) <= maxBytes
    ? { bytes: new Uint8Array(await request.arrayBuffer()), isWhole: true }
    : readBounded(request.body, maxBytes, MAX_DISCARDED_BYTES)
}

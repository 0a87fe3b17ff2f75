import { type BoundedBytes, readBounded } from './read-bounded.ts'

/** What a `Content-Encoding` is called by `DecompressionStream` (Compression standard). */
const FORMATS: Readonly<Record<string, string>> = {
  gzip: 'gzip',
  deflate: 'deflate',
  br: 'brotli',
  zstd: 'zstd',
}

/** A stream that inflates the encoding; `undefined` where this platform has none. */
export function openInflater(encoding: string): DecompressionStream | undefined {
  return openFormat(FORMATS[encoding] ?? encoding)
}

/** The declared type knows only the formats of today; what the platform knows shows when it is asked. */
function openFormat(format: string): DecompressionStream | undefined {
  try {
    return new DecompressionStream(format as 'gzip')
  } catch {
    return undefined
  }
}

/**
 * Inflates a whole body. `deflate` is zlib by the standard and was sent raw by so many that both are read (RFC 9110,
 * 8.4.1.2); gzip may have several members (RFC 1952, 2.2), which `DecompressionStream` alone refuses.
 *
 * @returns At most `maxBytes`; `undefined` where the body is damaged.
 */
export async function inflate(
  bytes: Uint8Array,
  encoding: string,
  maxBytes: number,
): Promise<BoundedBytes | undefined> {
  const whole = await tryInflate(bytes, FORMATS[encoding] ?? encoding, maxBytes)
  if (whole) return whole
  if (encoding === 'deflate') return tryInflate(bytes, 'deflate-raw', maxBytes)
  return encoding === 'gzip' ? inflateMembers(bytes, maxBytes) : undefined
}

async function tryInflate(
  bytes: Uint8Array,
  format: string,
  maxBytes: number,
): Promise<BoundedBytes | undefined> {
  const inflater = openFormat(format)
  if (!inflater) return undefined
  try {
    return await readBounded(new Blob([bytes]).stream().pipeThrough(inflater), maxBytes)
  } catch {
    return undefined
  }
}

/** Members of one body, and places that look like a member's beginning and are none. Each of the latter costs an attempt. */
const MAX_MEMBERS = 256
const MAX_FALSE_STARTS = 8

/**
 * Inflates gzip of several members. Where one ends is not told, so it is tried at each place where another could begin;
 * a wrong one fails by its checksum.
 */
async function inflateMembers(
  bytes: Uint8Array,
  maxBytes: number,
): Promise<BoundedBytes | undefined> {
  const members: Uint8Array[] = []
  let start = 0
  let length = 0
  let falseStarts = 0
  for (const end of memberStarts(bytes, maxBytes)) {
    const member = await tryInflate(bytes.subarray(start, end), 'gzip', maxBytes - length)
    if (!member) {
      falseStarts += 1
      if (falseStarts > MAX_FALSE_STARTS) return undefined
      continue
    }
    members.push(member.bytes)
    length += member.bytes.length
    start = end
    const isWhole = member.isWhole
    if (!isWhole || members.length > MAX_MEMBERS) {
      return isWhole ? undefined : { bytes: await join(members), isWhole }
    }
  }
  return start === bytes.length ? { bytes: await join(members), isWhole: true } : undefined
}

/** Where a second or later member may begin, and the end: by a header's fixed bytes and by the size before it. */
function* memberStarts(bytes: Uint8Array, maxBytes: number): Generator<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = bytes.indexOf(0x1f, 1)
  while (at !== -1) {
    const isHeader = bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && (bytes[at + 3] ?? 0xff) < 0x20
    if (isHeader && at >= 4 && view.getUint32(at - 4, true) <= maxBytes) yield at
    at = bytes.indexOf(0x1f, at + 1)
  }
  yield bytes.length
}

async function join(parts: Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

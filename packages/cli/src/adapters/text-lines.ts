import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CliError } from '../cli-error.ts'

/** What the bytes of a file are read as. */
export type Encoding = 'auto' | 'utf-8' | 'windows-1252' | 'utf-16le'

/** A line above this is no line: the file is something else. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

const NEWLINE = 0x0a
const CHUNK_BYTES = 256 * 1024

/**
 * The lines of a file, without their ends, some thousands at a time. `auto` reads each line as UTF-8 and, where it is not,
 * as Windows-1252: files that were put together from several programs have both. A byte order mark overrules it.
 *
 * @param onBytes Told of the file's bytes as they are read.
 * @throws CliError when it cannot be read, or has no lines.
 */
export async function* readLines(
  path: string,
  encoding: Encoding,
  onBytes: (count: number) => void,
): AsyncGenerator<string[]> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  file.on('data', (chunk) => onBytes(chunk.length))
  const bytes: Readable = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error))
  try {
    yield* linesOf(bytes, path, encoding)
  } catch (error) {
    if (error instanceof CliError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new CliError('file_unreadable', `${path} cannot be read (${code}).`)
  } finally {
    file.destroy()
  }
}

async function* linesOf(
  bytes: AsyncIterable<Buffer>,
  path: string,
  encoding: Encoding,
): AsyncGenerator<string[]> {
  let decode: Decoder | undefined
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of bytes) {
    decode ??= decoderOf(chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf-16le' : encoding)
    const end = decode.isWide ? wideEnd(chunk, heldBytes) : chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      yield decode.lines(Buffer.concat([...held, chunk.subarray(0, end)]))
      held = []
      heldBytes = 0
    }
    held.push(chunk.subarray(end))
    heldBytes += chunk.length - end
    if (heldBytes > MAX_LINE_BYTES) throw notText(path)
  }
  if (decode && heldBytes > 0) yield decode.lines(Buffer.concat(held))
}

function notText(path: string): CliError {
  return new CliError(
    'not_text',
    `${path} has a line of more than 16 MiB. Is it what its name says?`,
  )
}

/** The characters of 0x80 to 0x9f; the holes stay as they are (Encoding standard, "index windows-1252"). */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

/** Not by `TextDecoder`: that of Node 20 takes it for Latin-1, and euro signs become control characters. */
function decodeWindows(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(
      /[\u0080-\u009f]/g,
      (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80] as string,
    )
}

interface Decoder {
  isWide: boolean
  lines(bytes: Buffer): string[]
}

function decoderOf(encoding: Encoding): Decoder {
  if (encoding === 'windows-1252') {
    return { isWide: false, lines: (bytes) => splitLines(decodeWindows(bytes)) }
  }
  if (encoding !== 'auto') {
    const decoder = new TextDecoder(encoding)
    return { isWide: encoding === 'utf-16le', lines: (bytes) => splitLines(decoder.decode(bytes)) }
  }
  // A byte order mark at the beginning of a chunk, and so of the file, is no part of the text.
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes: Buffer) => {
    try {
      return utf8.decode(bytes)
    } catch {
      return undefined
    }
  }
  return {
    isWide: false,
    lines(bytes) {
      const whole = decode(bytes)
      if (whole !== undefined) return splitLines(whole)
      return splitBytes(bytes).map((line) => withoutReturn(decode(line) ?? decodeWindows(line)))
    },
  }
}

function splitLines(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map(withoutReturn)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function splitBytes(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
    lines.push(bytes.subarray(from, at))
    from = at + 1
  }
  if (from < bytes.length) lines.push(bytes.subarray(from))
  return lines
}

/** End of the last whole line of UTF-16, of which some bytes may be held already. */
function wideEnd(bytes: Buffer, heldBytes: number): number {
  const odd = heldBytes % 2
  for (let at = bytes.length - 2; at >= 0; at--) {
    const isUnit = (at + odd) % 2 === 0
    if (isUnit && bytes[at] === NEWLINE && bytes[at + 1] === 0) return at + 2
  }
  return 0
}

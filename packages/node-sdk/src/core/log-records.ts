/**
 * The text of a segment: one record a line, `<crc> <json>\n`, where `crc` is the CRC-32 of the JSON's UTF-8 bytes in eight
 * hexadecimal digits. JSON as `JSON.stringify` writes it has no raw newline, so that after damage the next record is
 * found again, and `cut -c10-` makes NDJSON of a segment.
 */

/** CRC-32 as zlib counts it. */
export type Crc32 = (bytes: Uint8Array) => number

/** A stretch of a segment: a record with its newline, or bytes that are none. */
export interface Stretch {
  kind: 'record' | 'corrupt'
  start: number
  /** First byte behind it. */
  end: number
  /** Of the record's JSON, or of all the bytes of what is corrupt. */
  crc: number
}

/** Bytes of a record beside its JSON: the checksum, a space, a newline. */
export const RECORD_OVERHEAD = 10

/** Bytes of a record before its JSON. */
export const RECORD_HEAD = 9

/** UTF-8 bytes of a UTF-16 unit, at most. */
export const MAX_BYTES_PER_UNIT = 3

const NEWLINE = 0x0a
const SPACE = 0x20
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Puts what stands around the JSON of `jsonBytes` bytes that lies at `at + RECORD_HEAD`. */
export function frameRecord(bytes: Uint8Array, at: number, jsonBytes: number, crc: number): void {
  for (let digit = 0; digit < 8; digit++) {
    bytes[at + digit] = HEX[(crc >>> (28 - 4 * digit)) & 15] as number
  }
  bytes[at + 8] = SPACE
  bytes[at + RECORD_HEAD + jsonBytes] = NEWLINE
}

/**
 * Finds the records between `from` and `to`, and what is none between them. A line that has lost the newline before it
 * hides no record: each part of it that could be one is tried.
 *
 * @returns `next` is where the last line begins if it has no end: more of it may come, or it is the torn tail of a write.
 */
export function findRecords(
  bytes: Uint8Array,
  from: number,
  to: number,
  crc32: Crc32,
): { stretches: Stretch[]; next: number } {
  const stretches: Stretch[] = []
  let next = from
  for (;;) {
    const newline = bytes.indexOf(NEWLINE, next)
    if (newline === -1 || newline >= to) return { stretches, next }
    readLine(bytes, next, newline, crc32, stretches)
    next = newline + 1
  }
}

/** The record at the end of a file, which lacks but its newline. What else lies there is the torn tail of a write. */
export function findTail(bytes: Uint8Array, start: number, crc32: Crc32): Stretch | undefined {
  let end = bytes.length
  // Room that was made for records that never came.
  while (end > start && bytes[end - 1] === 0) end--
  for (const newline of [end - 1, end]) {
    const crc = checkRecord(bytes, start, newline, crc32)
    if (crc !== undefined) return { kind: 'record', start, end: newline + 1, crc }
  }
  return undefined
}

function readLine(
  bytes: Uint8Array,
  start: number,
  newline: number,
  crc32: Crc32,
  stretches: Stretch[],
): void {
  const crc = checkRecord(bytes, start, newline, crc32)
  if (crc !== undefined) {
    stretches.push({ kind: 'record', start, end: newline + 1, crc })
    return
  }
  for (let at = start + 1; at < newline - RECORD_HEAD; at++) {
    const hiddenCrc = checkRecord(bytes, at, newline, crc32)
    if (hiddenCrc === undefined || !isJson(bytes.subarray(at + RECORD_HEAD, newline))) continue
    // What lies before it may itself be records whose newlines are damaged.
    readLine(bytes, start, at - 1, crc32, stretches)
    stretches.push({ kind: 'record', start: at, end: newline + 1, crc: hiddenCrc })
    return
  }
  addCorrupt(bytes, start, newline + 1, crc32, stretches)
}

/** Adds to the corrupt bytes right before, if there are any: one damage is counted once. */
function addCorrupt(
  bytes: Uint8Array,
  start: number,
  end: number,
  crc32: Crc32,
  stretches: Stretch[],
): void {
  const last = stretches.at(-1)
  const from = last?.kind === 'corrupt' && last.end === start ? last.start : start
  if (from < start) stretches.pop()
  stretches.push({ kind: 'corrupt', start: from, end, crc: crc32(bytes.subarray(from, end)) })
}

/** The checksum of the record from `start` to `newline`, or `undefined` where there is none. */
function checkRecord(
  bytes: Uint8Array,
  start: number,
  newline: number,
  crc32: Crc32,
): number | undefined {
  if (newline - start <= RECORD_HEAD || bytes[start + 8] !== SPACE) return undefined
  const crc = readHex(bytes, start)
  const isRecord = crc !== undefined && crc32(bytes.subarray(start + RECORD_HEAD, newline)) === crc
  return isRecord ? crc : undefined
}

function readHex(bytes: Uint8Array, at: number): number | undefined {
  let value = 0
  for (let digit = 0; digit < 8; digit++) {
    const known = HEX.indexOf(bytes[at + digit] as number)
    if (known === -1) return undefined
    value = value * 16 + known
  }
  return value
}

/** Asked only inside damaged lines: text in an event may have been made to look like a record. */
function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes))
    return true
  } catch {
    return false
  }
}

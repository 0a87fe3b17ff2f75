import { crc32 } from 'node:zlib'
import { readPart } from './adapters/segment-file.ts'
import type { SegmentWriter } from './adapters/segment-writer.ts'
import { findRecords, type Stretch } from './core/log-records.ts'
import type { UnreadRange } from './core/log-segment.ts'

/** Bytes `start` to `end` of a segment, or fewer where it is shorter. */
export type ReadBytes = (start: number, end: number) => Promise<Buffer>

/** Bytes of a segment, of which the last may still wait to be written. */
export function bytesOf(home: string, name: string, writer: SegmentWriter | undefined): ReadBytes {
  return async (start, end) => {
    const written = writer?.written ?? end
    const pending = writer && end > written ? writer.readPending(Math.max(start, written)) : []
    const part =
      start < written ? await readPart(home, name, start, Math.min(end, written)) : Buffer.alloc(0)
    return Buffer.concat([part, Buffer.from(pending)]).subarray(0, end - start)
  }
}

/** What lies in the first `length` bytes of a range, or in more where a record is longer. Whatever is not readable is corrupt. */
export async function readStretches(
  range: UnreadRange,
  length: number,
  readBytes: ReadBytes,
): Promise<{ bytes: Buffer; stretches: Stretch[] }> {
  const { start, end } = range
  for (let size = length; ; size *= 2) {
    const partEnd = Math.min(start + size, end)
    const bytes = await readBytes(start, partEnd)
    const { stretches, next } = findRecords(bytes, 0, bytes.length, crc32)
    if (partEnd < end && stretches.length > 0) return { bytes, stretches }
    if (partEnd < end) continue
    const rest = end - start
    if (next < rest) stretches.push({ kind: 'corrupt', start: next, end: rest, crc: 0 })
    return { bytes, stretches }
  }
}

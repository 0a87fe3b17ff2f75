import type { Stretch } from './log-records.ts'

/** Records side by side that nobody holds in memory. */
export interface UnreadRange {
  start: number
  /** First byte behind them. */
  end: number
  events: number
}

/** What the log knows of one of its files. */
export interface Segment {
  /** Of the file, without its extension. Names sort by age. */
  name: string
  bytes: number
  /** Records that have no outcome. */
  live: number
  /** Oldest first. */
  unread: UnreadRange[]
  /** Marks of ended records that are not yet written beside it. */
  marks: string
}

/** A record of a segment. */
export interface RecordRef {
  segment: Segment
  start: number
  crc: number
  hasEnded: boolean
}

/** A segment of which nothing is known yet. */
export function newSegment(name: string): Segment {
  return { name, bytes: 0, live: 0, unread: [], marks: '' }
}

/** Adds a record behind all others. */
export function addRecord(
  segment: Segment,
  record: { start: number; length: number; crc: number },
  isLoaded: boolean,
): RecordRef {
  const { start, length, crc } = record
  segment.bytes = start + length
  segment.live++
  if (!isLoaded) addUnread(segment, start, start + length)
  return { segment, start, crc, hasEnded: false }
}

/** Notes the outcome of a record. False when it had one before. */
export function endRecord(ref: RecordRef): boolean {
  if (ref.hasEnded) return false
  ref.hasEnded = true
  ref.segment.live--
  ref.segment.marks += writeMark(ref.start, ref.crc)
  return true
}

/**
 * Takes over a file of an earlier run.
 *
 * @param marks The text beside it. A mark counts only where it names a record by place and checksum: a damaged or torn one
 * names nothing, and a record is then sent twice, not lost.
 * @returns What is damaged and was not set aside before; it is marked, so that no later run sees it again.
 */
export function replay(segment: Segment, stretches: readonly Stretch[], marks: string): Stretch[] {
  const ended = new Set(marks.split('\n'))
  // Most files have no marks, and a mark of each of their records takes longer to write than all else here.
  const hasEnded = ({ start, crc }: Stretch) =>
    marks !== '' && ended.has(writeMark(start, crc).trimEnd())
  const corrupt: Stretch[] = []
  for (const stretch of stretches) {
    if (hasEnded(stretch)) continue
    if (stretch.kind === 'record') {
      segment.live++
      addUnread(segment, stretch.start, stretch.end)
    } else {
      segment.marks += writeMark(stretch.start, stretch.crc)
      corrupt.push(stretch)
    }
  }
  return corrupt
}

/** Takes what lies before `end` off the start of a range. */
export function takeUnread(range: UnreadRange, end: number, isRecord: boolean): void {
  range.start = end
  if (isRecord) range.events--
}

function addUnread(segment: Segment, start: number, end: number): void {
  const last = segment.unread.at(-1)
  if (last?.end === start) {
    last.end = end
    last.events++
  } else {
    segment.unread.push({ start, end, events: 1 })
  }
}

function writeMark(start: number, crc: number): string {
  return `${start} ${crc.toString(16)}\n`
}

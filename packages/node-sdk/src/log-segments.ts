import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import {
  listSegments,
  readSegment,
  removeSegment,
  setAside,
  writeMarks,
} from './adapters/segment-file.ts'
import type { SegmentWriter } from './adapters/segment-writer.ts'
import { findRecords, findTail, RECORD_HEAD, type Stretch } from './core/log-records.ts'
import {
  addRecord,
  endRecord,
  newSegment,
  type RecordRef,
  replay,
  type Segment,
  takeUnread,
  type UnreadRange,
} from './core/log-segment.ts'
import type { LogRecord } from './event-log.ts'
import { bytesOf, type ReadBytes, readStretches } from './log-range.ts'

/** Bytes looked through before others have their turn: a tenth of a millisecond. */
const SLICE_BYTES = 256 * 1024

/** Bytes read from a file at once, at least. */
const MIN_PART_BYTES = 64 * 1024

/** The segment that is appended to. */
export interface ActiveSegment {
  segment: Segment
  writer: SegmentWriter
}

/** All segments of an open log: what they hold, and what of it has ended. */
export class LogSegments {
  readonly #directory: string
  readonly #onDamage: (error: Error) => void
  /** By name; read in the order of names. */
  readonly #segments: Map<string, Segment> = new Map()
  /** Files that could not be read. */
  readonly #unreadable: Set<string> = new Set()
  readonly #marked: Set<Segment> = new Set()
  #bytes = 0
  #unreadEvents = 0
  #unreadBytes = 0
  #corrupt = 0

  constructor(directory: string, onDamage: (error: Error) => void) {
    this.#directory = directory
    this.#onDamage = onDamage
  }

  get bytes(): number {
    return this.#bytes
  }

  stats(): { unread: { events: number; bytes: number }; bytes: number; corrupt: number } {
    const unread = { events: this.#unreadEvents, bytes: this.#unreadBytes }
    return { unread, bytes: this.#bytes, corrupt: this.#corrupt }
  }

  /** A segment to append to. */
  create(name: string): Segment {
    const segment = newSegment(name)
    this.#segments.set(name, segment)
    return segment
  }

  add(
    segment: Segment,
    record: { start: number; length: number; crc: number },
    isLoaded: boolean,
  ): RecordRef {
    this.#bytes += record.length
    if (!isLoaded) this.#countUnread(1, record.length)
    return addRecord(segment, record, isLoaded)
  }

  /** Notes the outcome of a record. True when all of its segment have one. */
  end(ref: RecordRef): boolean {
    if (!endRecord(ref) || this.#segments.get(ref.segment.name) !== ref.segment) return false
    this.#marked.add(ref.segment)
    return ref.segment.live === 0
  }

  /** Removes a segment without live records from the disk. */
  remove(home: string, segment: Segment): void {
    this.#forget(segment)
    try {
      removeSegment(home, segment.name)
    } catch (error) {
      this.#onDamage(new Error(`The queue cannot remove ${segment.name}.`, { cause: error }))
    }
  }

  /** Forgets all segments: they are somebody else's now, or nobody's. */
  forgetAll(): void {
    for (const segment of this.#segments.values()) this.#forget(segment)
  }

  get hasMarks(): boolean {
    return this.#marked.size > 0
  }

  /** Writes which records have ended. What the disk refuses comes with the next. */
  writeMarks(home: string): void {
    try {
      for (const segment of this.#marked) {
        writeMarks(home, segment.name, segment.marks)
        segment.marks = ''
        this.#marked.delete(segment)
      }
    } catch {
      // A full disk is told of where it loses something: without its mark, a record is but sent twice.
    }
  }

  /** Replays the segments of others in our home, as long as `goesOn`; tells after each that has something unread. */
  async load(home: string, onFound: () => void, goesOn: () => boolean): Promise<void> {
    // Asked before the list: what is known may end and be removed while we go through it.
    const known = new Set([...this.#segments.keys(), ...this.#unreadable])
    for (const name of await listSegments(home)) {
      if (known.has(name) || name.startsWith(basename(home))) continue
      if (!goesOn()) return
      try {
        if (await this.#replay(home, name)) onFound()
      } catch (error) {
        // It stays where it is, for the next process.
        this.#unreadable.add(name)
        this.#onDamage(new Error(`The queue cannot read ${name}.`, { cause: error }))
      }
    }
  }

  /** The oldest unread records, which from now on are held by the caller. */
  async read(
    maxBytes: number,
    home: string,
    active: () => ActiveSegment | undefined,
  ): Promise<LogRecord[]> {
    const batch: Batch = { records: [], bytes: 0, maxBytes }
    for (const name of [...this.#segments.keys()].sort(byAge)) {
      const segment = this.#segments.get(name)
      while (segment?.unread[0]) {
        const writer = active()?.segment === segment ? active()?.writer : undefined
        const readBytes = bytesOf(home, name, writer)
        const range = segment.unread[0]
        const isFull = await this.#readRange(batch, segment, range, readBytes).catch((error) => {
          // The file stays, for the next process.
          this.#onDamage(new Error(`The queue cannot read ${name}.`, { cause: error }))
          this.#dropUnread(segment)
          return false
        })
        if (isFull) return batch.records
      }
      if (segment?.live === 0 && active()?.segment !== segment) this.remove(home, segment)
    }
    return batch.records
  }

  async #replay(home: string, name: string): Promise<boolean> {
    const { bytes, marks } = await readSegment(home, name)
    const stretches: Stretch[] = []
    let next = 0
    for (let end = 0; end < bytes.length; ) {
      end = Math.min(end + SLICE_BYTES, bytes.length)
      const found = findRecords(bytes, next, end, crc32)
      for (const stretch of found.stretches) stretches.push(stretch)
      next = found.next
      await pause()
    }
    const tail = findTail(bytes, next, crc32)
    if (tail) stretches.push(tail)
    const segment = newSegment(name)
    for (const { start, end } of replay(segment, stretches, marks)) {
      this.#corrupt++
      this.#setAside(segment, start, bytes.subarray(start, end))
    }
    segment.bytes = bytes.length
    if (segment.live === 0) {
      removeSegment(home, name)
      return false
    }
    if (segment.marks !== '') this.#marked.add(segment)
    this.#segments.set(name, segment)
    this.#bytes += segment.bytes
    for (const { start, end, events } of segment.unread) this.#countUnread(events, end - start)
    return true
  }

  /** Reads the start of a range, or all of it. True when the batch is full. */
  async #readRange(
    batch: Batch,
    segment: Segment,
    range: UnreadRange,
    readBytes: ReadBytes,
  ): Promise<boolean> {
    const { start } = range
    const length = Math.max(batch.maxBytes - batch.bytes, MIN_PART_BYTES)
    const { bytes, stretches } = await readStretches(range, length, readBytes)
    // While we read, the folder may have been taken away.
    if (segment.unread[0] !== range) return false
    for (const stretch of stretches) {
      const json = bytes.subarray(stretch.start + RECORD_HEAD, stretch.end - 1)
      if (stretch.kind === 'corrupt') {
        this.#setAside(segment, start + stretch.start, bytes.subarray(stretch.start, stretch.end))
      } else if (batch.records.length > 0 && batch.bytes + json.length > batch.maxBytes) {
        return true
      } else {
        batch.bytes += json.length
        batch.records.push({
          ref: { segment, start: start + stretch.start, crc: stretch.crc, hasEnded: false },
          json: json.toString(),
        })
      }
      const isRecord = stretch.kind === 'record'
      this.#countUnread(isRecord ? -1 : 0, stretch.start - stretch.end)
      takeUnread(range, start + stretch.end, isRecord)
    }
    if (range.start >= range.end) {
      // Each record that was there and is not found now was damaged since.
      segment.unread.shift()
      segment.live -= range.events
      this.#corrupt += range.events
      this.#countUnread(-range.events, 0)
    }
    return false
  }

  #setAside(segment: Segment, start: number, bytes: Uint8Array): void {
    const origin = `${segment.name} ${start}-${start + bytes.length}`
    try {
      setAside(this.#directory, origin, bytes)
      this.#onDamage(new Error(`The queue on disk is damaged at ${origin}: it is set aside.`))
    } catch (error) {
      this.#onDamage(new Error(`The queue on disk is damaged at ${origin}.`, { cause: error }))
    }
  }

  #forget(segment: Segment): void {
    this.#segments.delete(segment.name)
    this.#marked.delete(segment)
    this.#bytes -= segment.bytes
    this.#dropUnread(segment)
  }

  #dropUnread(segment: Segment): void {
    for (const { start, end, events } of segment.unread.splice(0)) {
      this.#countUnread(-events, start - end)
    }
  }

  #countUnread(events: number, bytes: number): void {
    this.#unreadEvents += events
    this.#unreadBytes += bytes
  }
}

/** Records that are being read. */
interface Batch {
  records: LogRecord[]
  /** Of JSON. */
  bytes: number
  maxBytes: number
}

/** Names begin with the time at which their first owner started. */
function byAge(a: string, b: string): number {
  return a < b ? -1 : 1
}

/**
 * Lets others run. Does not keep the process alive: what is not replayed now is so by the next. A timer, because the loop
 * does not wake up for an immediate that is not to keep it alive.
 */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0).unref()
  })
}

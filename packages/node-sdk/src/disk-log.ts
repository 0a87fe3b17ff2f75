import { rm } from 'node:fs/promises'
import { createHome, type Home } from './adapters/log-home.ts'
import { recordsPath } from './adapters/segment-file.ts'
import { SegmentWriter } from './adapters/segment-writer.ts'
import { RECORD_OVERHEAD } from './core/log-records.ts'
import type { RecordRef, Segment } from './core/log-segment.ts'
import type { EventLog, EventLogStats, LogRecord, LogRef } from './event-log.ts'
import { LOOK_EVERY_MS, Lookout } from './log-lookout.ts'
import { type ActiveSegment, LogSegments } from './log-segments.ts'
import { LogSyncer } from './log-syncer.ts'

/** Large enough that making a file costs nothing beside filling it, small enough to be read at once. */
const SEGMENT_BYTES = 4 * 1024 * 1024

const MAX_BYTES = 1024 * 1024 * 1024

const FSYNC_INTERVAL_MS = 100

/** Pause after the disk has refused. */
const RETRY_MS = 1000

/** An owner that was stopped for so long looks whether it has been taken for dead. */
const MAX_UNSEEN_MS = 2 * LOOK_EVERY_MS

/** Options of {@link openEventLog}. */
export interface EventLogOptions {
  /** Shared by any number of logs and processes; made where it is missing. */
  directory: string
  /** When what was appended is brought to the platter: at once, every `fsyncIntervalMs`, or when the system likes. */
  fsync: 'always' | 'interval' | 'os'
  /** Default 100. */
  fsyncIntervalMs?: number
  /** Bytes on disk, with what was taken over of dead processes, beyond which appends are refused; default 1 GiB. */
  maxBytes?: number
  /** Bytes of one file, unless one record is longer; default 4 MiB. */
  segmentBytes?: number
  /** Hears of damage, and of a disk or a full log that refuses: once until it goes well again. */
  onFailure(error: Error): void
  /** Records of others were found: `read` gives them. */
  onUnread?(): void
  /** For tests. */
  platform?: LogPlatform
}

/** Clocks and times that a test may choose. */
export interface LogPlatform {
  nowMs?(): number
  monotonicMs?(): number
  lookEveryMs?: number
  maxLeaseMs?: number
}

/** Opens a log. It is usable at once; what earlier runs have left is found behind it. Throws nothing. */
export function openEventLog(options: EventLogOptions): EventLog {
  return new DiskLog(options)
}

/** Logs with something to write at the end of the task: `process.exit` leaves no turn for it. */
const unwritten: Set<DiskLog> = new Set()
let hearsExit = false

function hearExit(): void {
  if (hearsExit) return
  hearsExit = true
  process.on('exit', () => {
    for (const log of unwritten) log.flush()
  })
}

class DiskLog implements EventLog {
  readonly #options: EventLogOptions
  readonly #monotonicMs: () => number
  readonly #segments: LogSegments
  readonly #syncer: LogSyncer
  readonly #lookout: Lookout
  #home: Home | undefined
  #active: ActiveSegment | undefined
  #buffer: Buffer | undefined
  #nextNumber = 1
  /** Those who wait until what is pending is written. */
  #waiting: (() => void)[] = []
  /** Those who wait for something to read. */
  #finders: (() => void)[] = []
  #refused = 0
  /** The disk has refused, and nothing was written since. */
  #isFailing = false
  #isFull = false
  #retryAtMs = 0
  /** When the home was last seen in its place. */
  #seenAtMs = 0
  #retryTimer: NodeJS.Timeout | undefined
  #lookTimer: NodeJS.Timeout | undefined
  #looking: Promise<void>
  #reading: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined
  #isLeft = false

  constructor(options: EventLogOptions) {
    this.#options = options
    const { directory, platform = {} } = options
    this.#monotonicMs = platform.monotonicMs ?? (() => performance.now())
    this.#segments = new LogSegments(directory, (error) => this.#report(error))
    this.#syncer = new LogSyncer(options.fsyncIntervalMs ?? FSYNC_INTERVAL_MS, (error, writer) => {
      this.#report(error)
      if (writer === this.#active?.writer) this.#seal()
    })
    this.#lookout = new Lookout(directory, this.#monotonicMs, platform.maxLeaseMs)
    hearExit()
    this.#looking = this.#look()
  }

  append(json: string, isLoaded: boolean): LogRef | undefined {
    if (this.#closing || this.#isOverCap(json) || !this.#mayWrite()) return this.#refuse()
    // Between tokens of JSON a newline is but a space; a record is a line.
    const line = json.includes('\n') ? json.replaceAll('\n', ' ') : json
    try {
      const { segment, writer } = this.#activeFor(line)
      const record = writer.put(line)
      if (this.#options.fsync === 'always') this.#writeAndSync(writer)
      else this.#flushSoon()
      this.#isFull = false
      return this.#segments.add(segment, record, isLoaded)
    } catch (error) {
      this.#fail(error as Error)
      return this.#refuse()
    }
  }

  synced(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#active?.writer.pending) this.#waiting.push(resolve)
      else this.#syncer.wait(resolve)
    })
  }

  read(maxBytes: number): Promise<LogRecord[]> {
    const read = this.#reading.then(() => this.#read(maxBytes))
    this.#reading = read
    return read
  }

  end(refs: readonly LogRef[]): void {
    if (this.#isLeft) return
    for (const ref of refs as readonly RecordRef[]) {
      const isDone = this.#segments.end(ref)
      if (isDone) this.#recycle(ref.segment)
    }
    if (this.#segments.hasMarks) this.#flushSoon()
  }

  stats(): EventLogStats {
    return { ...this.#segments.stats(), refused: this.#refused }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Hands what is pending to the kernel. False when that was not possible; it is then tried again. */
  flush(): boolean {
    unwritten.delete(this)
    try {
      this.#write()
    } catch (error) {
      this.#fail(error as Error)
      return false
    }
    for (const done of this.#waiting.splice(0)) this.#syncer.wait(done)
    return true
  }

  #write(): void {
    this.#checkHome()
    const writer = this.#active?.writer
    if (writer?.pending) {
      writer.flush()
      this.#isFailing = false
      if (this.#options.fsync === 'interval') this.#syncer.note(writer)
    }
    if (this.#home) this.#segments.writeMarks(this.#home.path)
  }

  #writeAndSync(writer: SegmentWriter): void {
    try {
      writer.flushAndSync()
      this.#isFailing = false
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // What the kernel could not sync it forgets, and the next sync of the file succeeds.
      if (code !== 'ENOSPC' && code !== 'EDQUOT') this.#seal()
      throw error
    }
  }

  /** Writes at the end of the task: behind all that is waiting to run in it, promises too. */
  #flushSoon(): void {
    if (unwritten.has(this)) return
    unwritten.add(this)
    queueMicrotask(() => process.nextTick(() => this.flush()))
  }

  /** The segment that takes this record. */
  #activeFor(line: string): ActiveSegment {
    this.#checkHome()
    const { segmentBytes = SEGMENT_BYTES } = this.#options
    const bytes = this.#active?.segment.bytes ?? 0
    if (bytes > 0 && bytes + line.length + RECORD_OVERHEAD > segmentBytes) {
      this.#write()
      this.#seal()
    }
    if (this.#active) return this.#active
    const home = this.#homeOrNew()
    const name = `${home.id}-${String(this.#nextNumber).padStart(6, '0')}`
    const writer = new SegmentWriter(recordsPath(home.path, name), this.#buffer)
    this.#nextNumber++
    this.#active = { segment: this.#segments.create(name), writer }
    return this.#active
  }

  /** Appends no more to the active segment. What is pending in it is given up. */
  #seal(): void {
    if (!this.#active) return
    const { segment, writer } = this.#active
    this.#active = undefined
    this.#buffer = writer.buffer
    this.#syncer.retire(writer)
    this.#recycle(segment)
  }

  /** Removes a segment without live records; the active one only when it has grown, or is in the way. */
  #recycle(segment: Segment): void {
    if (segment.live > 0 || !this.#home) return
    const { segmentBytes = SEGMENT_BYTES } = this.#options
    if (segment !== this.#active?.segment) this.#segments.remove(this.#home.path, segment)
    else if (segment.bytes >= segmentBytes / 4 || this.#isFailing) this.#seal()
  }

  #homeOrNew(): Home {
    if (!this.#home) {
      const { directory, platform } = this.#options
      this.#home = createHome(directory, platform?.nowMs?.() ?? Date.now())
      this.#seenAtMs = this.#monotonicMs()
    }
    return this.#home
  }

  /** After a long stop, another process may have taken the home of one that it believed dead. */
  #checkHome(maxUnseenMs = MAX_UNSEEN_MS): void {
    if (!this.#home || this.#monotonicMs() - this.#seenAtMs < maxUnseenMs) return
    this.#seenAtMs = this.#monotonicMs()
    if (this.#home.isThere()) return
    this.#report(new Error(`The queue's folder ${this.#home.path} was taken or removed.`))
    this.#home.leave()
    this.#home = undefined
    this.#segments.forgetAll()
    this.#seal()
  }

  async #look(): Promise<void> {
    const { platform, onUnread } = this.#options
    const onFound = () => {
      for (const done of this.#finders.splice(0)) done()
      onUnread?.()
    }
    try {
      this.#checkHome(0)
      this.#home?.touchLease()
      await this.#lookout.look(
        () => this.#home?.id,
        () => this.#homeOrNew(),
      )
      if (this.#home) await this.#segments.load(this.#home.path, onFound, () => !this.#closing)
    } catch (error) {
      this.#report(error as Error)
    }
    if (this.#closing) return
    this.#lookTimer = setTimeout(() => {
      this.#looking = this.#look()
    }, platform?.lookEveryMs ?? LOOK_EVERY_MS).unref()
  }

  async #read(maxBytes: number): Promise<LogRecord[]> {
    if (this.#segments.stats().unread.events === 0) {
      await new Promise<void>((resolve) => {
        this.#finders.push(resolve)
        void this.#looking.then(resolve)
      })
    }
    if (!this.#home || this.#closing) return []
    // What cannot be written is read from memory.
    this.flush()
    return await this.#segments.read(maxBytes, this.#home.path, () => this.#active)
  }

  async #close(): Promise<void> {
    clearTimeout(this.#lookTimer)
    await this.#looking
    await this.#reading
    this.flush()
    clearTimeout(this.#retryTimer)
    this.#isLeft = true
    if (this.#active && this.#options.fsync !== 'always') this.#syncer.note(this.#active.writer)
    this.#seal()
    await this.#syncer.close()
    for (const done of this.#waiting.splice(0)) done()
    if (!this.#home) return
    if (this.#segments.isEmpty) await rm(this.#home.path, { recursive: true, force: true })
    this.#home.leave()
  }

  #isOverCap(json: string): boolean {
    const { maxBytes = MAX_BYTES } = this.#options
    if (this.#segments.bytes + json.length + RECORD_OVERHEAD <= maxBytes) return false
    if (!this.#isFull) this.#report(new Error(`The queue on disk is full: ${maxBytes} bytes.`))
    this.#isFull = true
    return true
  }

  /** False shortly after the disk has refused, or while what is pending cannot be written. */
  #mayWrite(): boolean {
    if (!this.#isFailing) return true
    return this.#monotonicMs() >= this.#retryAtMs && this.flush()
  }

  #refuse(): undefined {
    this.#refused++
  }

  #fail(error: Error): void {
    if (!this.#isFailing) this.#report(error)
    this.#isFailing = true
    this.#retryAtMs = this.#monotonicMs() + RETRY_MS
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.flush()
    }, RETRY_MS).unref()
  }

  #report(error: Error): void {
    try {
      this.#options.onFailure(error)
    } catch {
      // The host's own failure stops nothing here.
    }
  }
}

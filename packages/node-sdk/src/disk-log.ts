import { resolve } from 'node:path'
import { MAX_BYTES_PER_UNIT, RECORD_OVERHEAD } from './core/log-records.ts'
import type { RecordRef } from './core/log-segment.ts'
import type { EventLog, EventLogStats, LogRecord, LogRef } from './event-log.ts'
import { LOOK_EVERY_MS, Lookout } from './log-lookout.ts'
import { LogSegments } from './log-segments.ts'
import { LogWriter } from './log-writer.ts'

/** Large enough that making a file costs nothing beside filling it, small enough to be read at once. */
const SEGMENT_BYTES = 4 * 1024 * 1024

const MAX_BYTES = 1024 * 1024 * 1024

const FSYNC_INTERVAL_MS = 100

/** A log that was full is so until this part of it is left. */
const FULL_UNTIL = 0.9

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
interface LogPlatform {
  nowMs?(): number
  monotonicMs?(): number
  lookEveryMs?: number
  maxLeaseMs?: number
}

/** Opens a log. It is usable at once; what earlier runs have left is found behind it. Throws nothing. */
export function openEventLog(options: EventLogOptions): EventLog {
  return new DiskLog(options)
}

class DiskLog implements EventLog {
  readonly #options: EventLogOptions
  readonly #segments: LogSegments
  readonly #writer: LogWriter
  readonly #lookout: Lookout
  #refused = 0
  #isFull = false
  #looking: Promise<void>
  #lookTimer: NodeJS.Timeout | undefined
  /** Those who wait for something to read. */
  #finders: (() => void)[] = []
  #reading: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(options: EventLogOptions) {
    this.#options = options
    const { fsync, platform = {} } = options
    // The process may change its own directory later.
    const directory = resolve(options.directory)
    const monotonicMs = platform.monotonicMs ?? (() => performance.now())
    const onFailure = (error: Error) => this.#report(error)
    this.#segments = new LogSegments(directory, onFailure)
    this.#writer = new LogWriter(
      {
        directory,
        fsync,
        fsyncIntervalMs: options.fsyncIntervalMs ?? FSYNC_INTERVAL_MS,
        segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
        nowMs: platform.nowMs ?? (() => Date.now()),
        monotonicMs,
        onFailure,
      },
      this.#segments,
    )
    this.#lookout = new Lookout(directory, monotonicMs, platform.maxLeaseMs)
    this.#looking = this.#look()
  }

  append(json: string, isLoaded: boolean): LogRef | undefined {
    // Between tokens of JSON a newline is but a space; a record is a line.
    const line = json.includes('\n') ? json.replaceAll('\n', ' ') : json
    const isRefused = this.#closing !== undefined || this.#isOverCap(line)
    const ref = isRefused ? undefined : this.#writer.append(line, isLoaded)
    if (!ref) this.#refused++
    return ref
  }

  synced(): Promise<void> {
    return new Promise((resolve) => this.#writer.wait(resolve))
  }

  read(maxBytes: number): Promise<LogRecord[]> {
    const read = this.#reading.then(() => this.#read(maxBytes))
    this.#reading = read
    return read
  }

  end(refs: readonly LogRef[]): void {
    if (!this.#closing) this.#writer.end(refs as readonly RecordRef[])
  }

  stats(): EventLogStats {
    return { ...this.#segments.stats(), refused: this.#refused }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #look(): Promise<void> {
    const { platform, onUnread } = this.#options
    const onFound = () => {
      for (const done of this.#finders.splice(0)) done()
      onUnread?.()
    }
    try {
      this.#writer.checkHome(0)
      this.#writer.home?.touchLease()
      await this.#lookout.look(
        () => this.#writer.home?.id,
        () => this.#writer.openHome(),
      )
      const { home } = this.#writer
      if (home) await this.#segments.load(home.path, onFound, () => !this.#closing)
    } catch (error) {
      if (this.#writer.home?.isThere() === false) this.#writer.checkHome(0)
      else this.#report(error as Error)
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
    const { home } = this.#writer
    if (!home || this.#closing) return []
    // What cannot be written is read from memory.
    this.#writer.flush()
    return await this.#segments.read(maxBytes, home.path, () => this.#writer.active)
  }

  async #close(): Promise<void> {
    clearTimeout(this.#lookTimer)
    // Nothing else of the log keeps the process alive, which is to hear of the end.
    const alive = setInterval(() => {}, 1000)
    await this.#looking
    await this.#reading
    await this.#writer.close()
    clearInterval(alive)
  }

  #isOverCap(line: string): boolean {
    const { maxBytes = MAX_BYTES } = this.#options
    const room = maxBytes - this.#segments.bytes - RECORD_OVERHEAD
    // Counted only where it matters.
    if (line.length * MAX_BYTES_PER_UNIT <= room || Buffer.byteLength(line) <= room) {
      // Not by a small event that fits where a larger one did not.
      if (this.#segments.bytes < maxBytes * FULL_UNTIL) this.#isFull = false
      return false
    }
    if (!this.#isFull) this.#report(new Error(`The queue on disk is full: ${maxBytes} bytes.`))
    this.#isFull = true
    return true
  }

  #report(error: Error): void {
    try {
      this.#options.onFailure(error)
    } catch {
      // The host's own failure stops nothing here.
    }
  }
}

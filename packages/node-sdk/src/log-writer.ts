import { createHome, type Home } from './adapters/log-home.ts'
import { recordsPath } from './adapters/segment-file.ts'
import { SegmentWriter } from './adapters/segment-writer.ts'
import { RECORD_OVERHEAD } from './core/log-records.ts'
import type { RecordRef, Segment } from './core/log-segment.ts'
import { LOOK_EVERY_MS } from './log-lookout.ts'
import type { ActiveSegment, LogSegments } from './log-segments.ts'
import { LogSyncer } from './log-syncer.ts'

/** Pause after the disk has refused. */
const RETRY_MS = 1000

/** An owner that was stopped for so long looks whether it has been taken for dead. */
const MAX_UNSEEN_MS = 2 * LOOK_EVERY_MS

/** What a writer needs to know. */
export interface LogWriterOptions {
  directory: string
  fsync: 'always' | 'interval' | 'os'
  fsyncIntervalMs: number
  segmentBytes: number
  nowMs(): number
  monotonicMs(): number
  onFailure(error: Error): void
}

/** Logs with something to write at the end of the task: `process.exit` leaves no turn for it. */
const unwritten: Set<LogWriter> = new Set()
let hearsExit = false

function hearExit(): void {
  if (hearsExit) return
  hearsExit = true
  process.on('exit', () => {
    for (const writer of unwritten) writer.flush()
  })
}

/** Brings records to the disk, in the home of this log, and tries again what the disk has refused. */
export class LogWriter {
  readonly #options: LogWriterOptions
  readonly #segments: LogSegments
  readonly #syncer: LogSyncer
  #home: Home | undefined
  #active: ActiveSegment | undefined
  #buffer: Buffer | undefined
  #nextNumber = 1
  /** Those who wait until what is pending is written. */
  #waiting: (() => void)[] = []
  /** The disk has refused, and nothing was written since. */
  #isFailing = false
  #retryAtMs = 0
  #retryTimer: NodeJS.Timeout | undefined
  /** When the home was last seen in its place. */
  #seenAtMs = 0

  constructor(options: LogWriterOptions, segments: LogSegments) {
    this.#options = options
    this.#segments = segments
    this.#syncer = new LogSyncer(options.fsyncIntervalMs, (error, writer) => {
      options.onFailure(error)
      // What the kernel could not sync it forgets, and the next sync of the file would succeed.
      if (writer === this.#active?.writer && this.flush()) this.#seal()
    })
    hearExit()
  }

  /** Where this log's files are; `undefined` while it has none. */
  get home(): Home | undefined {
    return this.#home
  }

  get active(): ActiveSegment | undefined {
    return this.#active
  }

  /** Makes the home where there is none. @throws What the file system says. */
  openHome(): Home {
    if (!this.#home) {
      this.#home = createHome(this.#options.directory, this.#options.nowMs())
      this.#seenAtMs = this.#options.monotonicMs()
    }
    return this.#home
  }

  /** After a long stop, another process may have taken the home of one that it believed dead. */
  checkHome(maxUnseenMs: number = MAX_UNSEEN_MS): void {
    const nowMs = this.#options.monotonicMs()
    if (!this.#home || nowMs - this.#seenAtMs < maxUnseenMs) return
    this.#seenAtMs = nowMs
    if (this.#home.isThere()) return
    this.#options.onFailure(new Error(`The queue's folder ${this.#home.path} has gone.`))
    const { leave } = this.#home
    this.#home = undefined
    void leave()
    this.#segments.forgetAll()
    this.#seal()
  }

  /** Appends one line. `undefined` when the disk refuses. */
  append(line: string, isLoaded: boolean): RecordRef | undefined {
    if (!this.#mayWrite()) return undefined
    try {
      const { segment, writer } = this.#activeFor(line)
      const record = writer.put(line)
      if (this.#options.fsync === 'always') this.#writeAndSync(writer)
      else this.#flushSoon()
      return this.#segments.add(segment, record, isLoaded)
    } catch (error) {
      this.#fail(error as Error)
      return undefined
    }
  }

  /** Notes outcomes, and removes segments in which all have one. */
  end(refs: readonly RecordRef[]): void {
    for (const ref of refs) {
      const isDone = this.#segments.end(ref)
      if (isDone) this.#recycle(ref.segment)
    }
    if (this.#segments.hasMarks) this.#flushSoon()
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

  /** Calls `done` when all that was appended is as safe as the policy makes it. */
  wait(done: () => void): void {
    if (this.#active?.writer.pending) this.#waiting.push(done)
    else this.#syncer.wait(done)
  }

  /** Writes and syncs everything, and leaves the home to others if anything is in it. What cannot be written is lost. */
  async close(): Promise<void> {
    this.flush()
    clearTimeout(this.#retryTimer)
    if (this.#active && this.#options.fsync !== 'always') this.#syncer.note(this.#active.writer)
    this.#seal()
    await this.#syncer.close()
    for (const done of this.#waiting.splice(0)) done()
    await this.#home?.leave()
  }

  #write(): void {
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
    // Not while something is pending, which would be lost with the home.
    if (!this.#active?.writer.pending) this.checkHome()
    const { segmentBytes } = this.#options
    const bytes = this.#active?.segment.bytes ?? 0
    if (bytes > 0 && bytes + line.length + RECORD_OVERHEAD > segmentBytes) {
      this.#write()
      this.#seal()
    }
    if (this.#active) return this.#active
    const home = this.openHome()
    const name = `${home.id}-${String(this.#nextNumber).padStart(6, '0')}`
    const writer = new SegmentWriter(recordsPath(home.path, name), segmentBytes, this.#buffer)
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
    const { segmentBytes } = this.#options
    if (segment !== this.#active?.segment) this.#segments.remove(this.#home.path, segment)
    else if (segment.bytes >= segmentBytes / 4 || this.#isFailing) this.#seal()
  }

  /** False shortly after the disk has refused, or while what is pending cannot be written. */
  #mayWrite(): boolean {
    if (!this.#isFailing) return true
    return this.#options.monotonicMs() >= this.#retryAtMs && this.flush()
  }

  #fail(error: Error): void {
    if (!this.#isFailing) this.#options.onFailure(error)
    this.#isFailing = true
    this.#retryAtMs = this.#options.monotonicMs() + RETRY_MS
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.flush()
    }, RETRY_MS).unref()
  }
}

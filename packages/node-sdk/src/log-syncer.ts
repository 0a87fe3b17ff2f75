import type { SegmentWriter } from './adapters/segment-writer.ts'

/** Brings what was written to the platter, now and then, and tells those who wait for it. */
export class LogSyncer {
  readonly #intervalMs: number
  readonly #onFailure: (error: Error, writer: SegmentWriter) => void
  /** Written, and not synced since. */
  readonly #dirty: Set<SegmentWriter> = new Set()
  /** To be closed when synced. */
  readonly #retired: Set<SegmentWriter> = new Set()
  #waiting: (() => void)[] = []
  /** Those whose wait will not come true before the log is closed. */
  readonly #unsafe: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #syncing: Promise<void> | undefined

  /** @param onFailure What the writer has written may be lost, should the machine fail. */
  constructor(intervalMs: number, onFailure: (error: Error, writer: SegmentWriter) => void) {
    this.#intervalMs = intervalMs
    this.#onFailure = onFailure
  }

  /** The writer has written. */
  note(writer: SegmentWriter): void {
    this.#dirty.add(writer)
    this.#setTimer()
  }

  /** The writer writes no more: closes it, after a sync where one is due. */
  retire(writer: SegmentWriter): void {
    if (this.#dirty.has(writer) || this.#syncing) this.#retired.add(writer)
    else writer.close()
    if (this.#retired.size > 0) this.#setTimer()
  }

  /** Calls `done` when all that is written now is synced. Keeps the process alive until then. */
  wait(done: () => void): void {
    if (this.#dirty.size === 0 && !this.#syncing) {
      done()
      return
    }
    this.#waiting.push(done)
    this.#setTimer()
  }

  /** Syncs all, closes what is retired, and lets nobody wait. */
  async close(): Promise<void> {
    await this.#syncing
    await this.#sync()
    clearTimeout(this.#timer)
    for (const done of [...this.#waiting.splice(0), ...this.#unsafe.splice(0)]) done()
  }

  #setTimer(): void {
    if (!this.#syncing) {
      this.#timer ??= setTimeout(() => {
        this.#syncing = this.#sync()
      }, this.#intervalMs).unref()
    }
    if (this.#waiting.length > 0) this.#timer?.ref()
  }

  async #sync(): Promise<void> {
    this.#timer = undefined
    const waiting = this.#waiting.splice(0)
    const retired = [...this.#retired]
    const writers = [...this.#dirty]
    this.#dirty.clear()
    this.#retired.clear()
    let isSafe = true
    for (const writer of writers) {
      try {
        await writer.sync()
      } catch (error) {
        isSafe = false
        this.#onFailure(error as Error, writer)
      }
    }
    for (const writer of retired) writer.close()
    this.#syncing = undefined
    // The kernel forgets what it could not write: a later sync that succeeds says nothing about it.
    if (isSafe) for (const done of waiting) done()
    else this.#unsafe.push(...waiting)
    if (this.#dirty.size + this.#retired.size + this.#waiting.length > 0) this.#setTimer()
  }
}

import type { Platform } from './platform.ts'
import type { Mark } from './queue.ts'

/** A flush that waits for all before its mark. */
interface WaitingFlush {
  mark: Mark
  finish(): void
}

/** Who waits for events to have their outcome. */
export class Flushes {
  readonly #setTimer: Platform['setTimer']
  readonly #waiting: Set<WaitingFlush> = new Set()
  /** The last event in memory that one waits for; -1 where there is none. */
  through = -1

  constructor({ setTimer }: Pick<Platform, 'setTimer'>) {
    this.#setTimer = setTimer
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** Resolves when all before the mark has its outcome, or after `timeoutMs`. Keeps the process alive until then. */
  add(mark: Mark, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const flush: WaitingFlush = {
        mark,
        finish: () => {
          this.#waiting.delete(flush)
          cancelTimeout()
          resolve()
        },
      }
      const cancelTimeout = this.#setTimer(flush.finish, timeoutMs, true)
      this.#waiting.add(flush)
    })
  }

  /** Ends those whose mark is past. */
  finish(isPast: (mark: Mark) => boolean): void {
    for (const flush of this.#waiting) if (isPast(flush.mark)) flush.finish()
    // What a flush waits for and is still on disk has no place in the order yet.
    const throughs = [...this.#waiting].map(({ mark }) => (mark.seq < 0 ? mark.order : Infinity))
    this.through = Math.max(-1, ...throughs)
  }
}

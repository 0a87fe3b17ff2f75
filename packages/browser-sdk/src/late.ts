import { jsonOf } from './core/json.ts'
import type { Extension, Seams } from './core-parts.ts'
import type { Storage } from './platform.ts'

/** What a tracker does until its standard part has come. */
export interface Late {
  isWaiting(): boolean
  /**
   * Does it now, or after everything that waits.
   *
   * @param call As a stub keeps it, `[method, note, ...args]`: another page makes it, should this one end without a word.
   */
  inTurn<T>(work: () => T, ...call: unknown[]): T | Promise<T>
  /** Gives a tracker the calls that come with the standard part: made before, they wait for it. */
  complete(tracker: Record<string, (...args: unknown[]) => unknown>): void
  /** The standard part is added by `add`, or cannot be waited for any longer. What `add` returns is called before the calls that wait. */
  end(add: (() => ReturnType<Extension>) | undefined): void
}

const MISSING = 'on once off register addSourceMiddleware debug trackLink trackForm'.split(' ')

/** @param leftKey Key in `storage` of the calls that wait; they survive the page from the end of the running task on. */
export function openLate(storage: Storage, leftKey: string, seams: Seams): Late {
  let waiting: (() => void)[] | undefined = []
  const missed: (() => unknown)[] = []
  const left: string[] = []
  let isLeaving = false
  /** Something wants to change or drop events. */
  let isHooked = false

  function leave(): void {
    isLeaving = false
    if (waiting) storage.set(leftKey, `[${left}]`)
  }

  return {
    isWaiting: () => !!waiting,
    inTurn(work, ...call) {
      if (!waiting) return work()
      left.push(jsonOf(call) ?? '[]')
      if (!isLeaving) queueMicrotask(leave)
      isLeaving = true
      return new Promise((resolve) => waiting?.push(() => resolve(work())))
    },
    complete(tracker) {
      for (const method of MISSING) {
        tracker[method] = (...args) => {
          const call = (): unknown => tracker[method]?.(...args)
          // The standard part is there, and somebody has kept the function of before.
          if (seams.emit) return call()
          missed.push(call)
          if (/^(reg|add)/.test(method)) {
            isHooked = left.unshift(`["${method}"]`) > 0
            waiting ??= []
          }
          return tracker
        }
      }
    },
    end(add) {
      // It may be there to redact: what waits stays for the next page.
      if (isHooked && !add) return
      const recall = add?.()
      if (add) for (const call of missed.splice(0)) call()
      const works = waiting ?? []
      waiting = undefined
      left.length = 0
      storage.remove(leftKey)
      recall?.()
      for (const work of works) work()
    },
  }
}

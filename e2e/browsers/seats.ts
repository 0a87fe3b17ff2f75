import { join } from 'node:path'
import type { Browser, Engine } from './engine.ts'

/** A running browser that one scenario has for itself, and hands on to the next. */
export interface Seat {
  browser: Browser
  /** SIGKILL, and another start on the same profile. */
  restart(): Promise<void>
}

/** The browsers of one engine. */
export interface Seats {
  /** Gives `work` a browser when one is free. */
  take<T>(work: (seat: Seat) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Starts browsers of an engine as they are needed, at most {@link Engine.parallel}, with their profiles in `folder`. */
export function createSeats(engine: Engine, folder: string): Seats {
  const free: Seat[] = []
  const all: Seat[] = []
  const queue: (() => void)[] = []
  let started = 0
  let taken = 0

  async function start(): Promise<Seat> {
    const profile = join(folder, `${engine.name}-${started++}`)
    const seat: Seat = {
      browser: await engine.start(profile),
      async restart() {
        await seat.browser.kill()
        seat.browser = await engine.start(profile)
      },
    }
    all.push(seat)
    return seat
  }

  return {
    async take(work) {
      if (taken === engine.parallel) await new Promise<void>((go) => queue.push(go))
      else taken++
      let seat: Seat | undefined
      try {
        seat = free.pop() ?? (await start())
        const result = await work(seat)
        free.push(seat)
        return result
      } catch (error) {
        // Nobody knows what state the browser is in: the next scenario starts another.
        await seat?.browser.close().catch(() => {})
        throw error
      } finally {
        const next = queue.shift()
        if (next) next()
        else taken--
      }
    },
    async close() {
      for (const { browser } of all) await browser.close().catch(() => {})
    },
  }
}

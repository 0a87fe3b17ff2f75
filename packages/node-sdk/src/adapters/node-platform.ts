import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'
import type { Platform } from '../platform.ts'

/** Node truncates a longer delay to 1 ms (Node documentation, `setTimeout`). */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Random bytes in stock: `uuid` by itself asks the system for each id, a sixth of the cost of a call. */
const stock = new Uint8Array(16 * 256)
let used = stock.length

function takeRandomBytes(): Uint8Array {
  if (used === stock.length) {
    randomFillSync(stock)
    used = 0
  }
  used += 16
  return stock.subarray(used - 16, used)
}

/** The platform that Node is. */
export const nodePlatform: Platform = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  uuid: () => v7({ random: takeRandomBytes() }),
  // Looked up at each request: tracing tools replace the global after start.
  fetch: (url, init) => globalThis.fetch(url, init),
  // biome-ignore lint/suspicious/noConsole: a loss that nobody listens for must show somewhere
  warn: (message) => console.warn(message),
  setTimer(run, delayMs, keepAlive) {
    const timer = setTimeout(run, Math.min(Math.ceil(delayMs), MAX_TIMER_MS))
    if (!keepAlive) timer.unref()
    return () => clearTimeout(timer)
  },
}

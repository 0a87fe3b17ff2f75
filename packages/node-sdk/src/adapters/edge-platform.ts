import { createMessageIds } from '../core/message-ids.ts'
import type { Platform } from '../platform.ts'

/** Runtimes truncate a longer delay to 1 ms, as browsers do (HTML standard, timers: a 32-bit number). */
const MAX_TIMER_MS = 2 ** 31 - 1

const encoder = new TextEncoder()

async function gzip(body: string): Promise<Uint8Array<ArrayBuffer>> {
  const zipped = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(zipped).arrayBuffer())
}

/** The platform of every runtime that has the web's own `fetch`, `crypto` and timers: Workers, Vercel's edge, Deno, Bun. */
export const edgePlatform: Platform = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  uuid: createMessageIds((bytes) => crypto.getRandomValues(bytes)),
  fetch: (url, init) => globalThis.fetch(url, init),
  // Vercel's edge has none.
  gzip: typeof CompressionStream === 'undefined' ? undefined : gzip,
  byteLength: (text) => encoder.encode(text).length,
  // biome-ignore lint/suspicious/noConsole: a loss that nobody listens for must show somewhere
  warn: (message) => console.warn(message),
  setTimer(run, delayMs, keepAlive) {
    const timer: unknown = setTimeout(run, Math.min(Math.ceil(delayMs), MAX_TIMER_MS))
    // Deno and Bun have it; elsewhere, no timer keeps anything alive.
    if (!keepAlive) (timer as { unref?(): void }).unref?.()
    return () => clearTimeout(timer as number)
  },
}

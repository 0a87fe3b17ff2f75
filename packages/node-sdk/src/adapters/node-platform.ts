import { randomFillSync } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip as gzipCallback, gzipSync } from 'node:zlib'
import { createMessageIds } from '../core/message-ids.ts'
import { openEventLog } from '../disk-log.ts'
import type { Platform } from '../platform.ts'
import { onExit } from './node-exit.ts'
import { nodePost } from './node-post.ts'

/** Node truncates a longer delay to 1 ms (Node documentation, `setTimeout`). */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Up to this, compressing at once (0.1 ms for a batch of 20 KB) is a quarter of the CPU of handing
 * the work to the thread pool (measured over 2,000 batches); beyond it, the event loop must not wait.
 */
const MAX_SYNC_GZIP_BYTES = 64 * 1024

/** Half of the default level's time for 8 % more bytes (measured on batches of 50 events). */
const GZIP_OPTIONS = { level: 3 }

const gzipAsync = promisify(gzipCallback)

/** The platform that Node is. */
export const nodePlatform: Platform = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  uuid: createMessageIds(randomFillSync),
  byteLength: (text) => Buffer.byteLength(text),
  // Looked up at each request: tracing tools replace the global after start.
  fetch: (url, init) => globalThis.fetch(url, init),
  post: nodePost,
  gzip: async (body) =>
    body.length <= MAX_SYNC_GZIP_BYTES
      ? gzipSync(body, GZIP_OPTIONS)
      : gzipAsync(body, GZIP_OPTIONS),
  openLog: (options) => openEventLog({ fsync: 'interval', ...options }),
  onExit,
  // biome-ignore lint/suspicious/noConsole: a loss that nobody listens for must show somewhere
  warn: (message) => console.warn(message),
  setTimer(run, delayMs, keepAlive) {
    const timer = setTimeout(run, Math.min(Math.ceil(delayMs), MAX_TIMER_MS))
    if (!keepAlive) timer.unref()
    return () => clearTimeout(timer)
  },
}

import { RETRY_BASE_MS, RETRY_MAX_MS } from './limits.ts'

/**
 * Time to wait before the next attempt: exponential with full jitter, so that clients which failed
 * together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 *
 * @param failures Attempts that have failed in a row, from 1.
 * @param random A number from 0 up to 1.
 * @returns Milliseconds, at least a tenth of the base so that jitter never makes a tight loop.
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(RETRY_BASE_MS * 2 ** Math.min(failures - 1, 30), RETRY_MAX_MS)
  return Math.max(Math.round(random * ceiling), RETRY_BASE_MS / 10)
}

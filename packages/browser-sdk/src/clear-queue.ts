import type { Settlement } from './core/decide.ts'
import type { DropReason } from './core/ending.ts'
import { type Entry, readRow } from './core/entry.ts'
import type { Core } from './core-parts.ts'
import type { Storage } from './platform.ts'

/** Rows that are read at once: all there are. */
const ALL_ROWS = 1e9

/** Drops events of the queue, whoever made them; asks newest first which, and why. */
export async function clearQueue(
  { queue, settle }: Core,
  reasonFor: (entry: Entry) => DropReason | undefined,
): Promise<void> {
  const rows = await queue.read('', ALL_ROWS)
  const entries = rows.flatMap((row) => readRow(...row)).reverse()
  const settled = entries.flatMap((entry): Settlement | [] => {
    const reason = reasonFor(entry)
    return reason ? { key: entry.key, outcome: 'dropped', reason } : []
  })
  settle(settled)
  // What a disk refuses to remove is asked for again next time.
  await queue.remove(new Set(settled.map(({ key }) => key)), entries).catch(() => {})
}

/**
 * Stops a tracker for good, and removes everything that it ever stored: queue, identity, session, cookie. Events that
 * waited end as dropped.
 */
export async function wipe(core: Core, reason: DropReason): Promise<void> {
  const { store } = core.platform
  core.stop()
  // Whoever still holds the tracker: it records nothing, and reads and writes no identity or session.
  Object.assign(core.identity, { read: () => ({}), peek: () => ({}), write() {} })
  Object.assign(core.seams, { context: undefined, change: () => reason })
  await clearQueue(core, () => reason)
  core.seams.identified?.(undefined)
  for (const key of ownKeys(store, core.options.writeKey)) store.remove(key)
}

/** Keys of what a tracker with this write key has stored. */
export function ownKeys(store: Storage, writeKey: string): string[] {
  return store.keys('tributary:').filter((key) => key.includes(writeKey))
}

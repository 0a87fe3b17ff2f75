import type { Entry } from './core/entry.ts'
import type { Disk, Storage } from './platform.ts'

/** The events that no collector has decided on yet. */
export interface Queue {
  /** Resolves once the event is on disk, or in memory for the page's life where there is no disk. */
  add(entry: Entry): Promise<void>
  /** Resolves when everything added so far is in the queue. */
  settled(): Promise<void>
  /** At most `limit` events in key order, from the first key above `after`. */
  oldest(after: string, limit: number): Promise<Entry[]>
  /** Rejects when the disk refuses; the events then stay. */
  remove(keys: readonly string[]): Promise<void>
  /** Those of `keys` that are no longer in the queue, because another tab has delivered them. None when that cannot be known. */
  gone(keys: readonly string[]): Promise<string[]>
  /** Saves, synchronously, what is not on disk, for a page that may end now. */
  spill(): void
  /** Takes over what earlier pages have spilled. */
  recover(): Promise<void>
}

/**
 * A queue on `disk`. Events of one tick, and those that arrive while a write runs, share the next transaction.
 * What the disk refuses stays in memory and is delivered from there.
 *
 * @param spillPrefix Prefix of the keys in `storage` that hold spilled events; `stream` makes this page's own.
 */
export function createQueue(
  disk: Disk,
  storage: Storage,
  spillPrefix: string,
  stream: string,
): Queue {
  const unwritten = new Map<string, Entry>()
  const memory = new Map<string, Entry>()
  const spillKey = spillPrefix + stream
  let hasSpilled = false
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined

  function add(entry: Entry): Promise<void> {
    unwritten.set(entry.key, entry)
    if (!next) next = current = current.then(write)
    return next
  }

  async function write(): Promise<void> {
    next = undefined
    const entries = [...unwritten.values()]
    try {
      await disk.add(entries)
    } catch {
      for (const entry of entries) memory.set(entry.key, entry)
    }
    for (const { key } of entries) unwritten.delete(key)
    if (hasSpilled) spill()
  }

  function spill(): void {
    const entries = [...memory.values(), ...unwritten.values()]
    if (entries.length > 0) storage.set(spillKey, JSON.stringify(entries))
    else if (hasSpilled) storage.remove(spillKey)
    hasSpilled = entries.length > 0
  }

  return {
    add,
    settled: () => current,
    async oldest(after, limit) {
      const found = await disk.oldest(after, limit).catch((): Entry[] => [])
      if (memory.size === 0) return found
      // By key: a write that was given up after its time may have reached the disk all the same.
      const merged = new Map(found.map((entry) => [entry.key, entry]))
      for (const [key, entry] of memory) if (key > after) merged.set(key, entry)
      return [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit)
    },
    async remove(keys) {
      const onDisk = keys.filter((key) => !memory.delete(key))
      if (hasSpilled) spill()
      if (onDisk.length > 0) await disk.remove(onDisk)
    },
    async gone(keys) {
      const expected = keys.filter((key) => !unwritten.has(key) && !memory.has(key)).sort()
      const [first, last] = [expected[0], expected.at(-1)]
      if (first === undefined || last === undefined) return []
      const present = new Set(await disk.keys(first, last).catch(() => expected))
      return expected.filter((key) => !present.has(key))
    },
    spill,
    async recover() {
      const keys = storage.keys(spillPrefix).filter((key) => key !== spillKey)
      for (const key of keys) for (const entry of parseSpill(storage.get(key))) void add(entry)
      await current
      if (memory.size > 0) spill()
      for (const key of keys) storage.remove(key)
    },
  }
}

function parseSpill(text: string | undefined): Entry[] {
  try {
    return JSON.parse(text ?? '[]')
  } catch {
    return []
  }
}

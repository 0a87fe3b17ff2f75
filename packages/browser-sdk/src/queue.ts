import { splitBatch } from '@tributary/protocol'
import { type Entry, readRow, rowText } from './core/entry.ts'
import type { Disk, Row, Storage } from './platform.ts'

/** Where a queue is kept: IndexedDB, else localStorage, else memory for the page's life. */
export type Medium = 'indexeddb' | 'localstorage' | 'memory'

/** The events that no collector has decided on yet. */
export interface Queue {
  /** Resolves once the event is on disk, or in what there is instead. It survives a crash from the end of the running task on. */
  add(entry: Entry): Promise<void>
  /** Puts what was added in the running task into localStorage, where it waits for the disk. Synchronous. */
  spill(): void
  /** At most `limit` rows in the order of their keys, from the first that is not below `from`; none of them half-written. */
  read(from: string, limit: number): Promise<Row[]>
  /** Writes the entries that have a row again, each into the row that it had, in place of what that may hold. */
  restore(unended: () => readonly Entry[]): Promise<void>
  /** Removes those of the entries that have one of the keys. Rejects when the disk refuses; they then stay. */
  remove(keys: ReadonlySet<string>, entries: readonly Entry[]): Promise<void>
  /** Takes over what earlier pages have spilled. */
  recover(): Promise<void>
  medium(): Medium
}

/** A row is one thing to write, and to remove once all its events have ended. */
const ROW = { maxEvents: 50, maxBytes: 32 * 1024 }

/**
 * A queue of rows on `disk`. The events of one task make a row, or a few; rows that arrive while a write runs share
 * the next transaction. What the disk refuses stays in localStorage and memory, and is delivered from there.
 *
 * @param spillPrefix Prefix of the keys in `storage` that hold rows on their way to the disk.
 * @param onFailure Told of what the disk threw.
 */
export function createQueue(
  disk: Disk,
  storage: Storage,
  spillPrefix: string,
  onFailure: (cause: unknown) => void,
): Queue {
  /** Rows that are not on the disk. */
  const waiting = new Map<string, string>()
  let added: Entry[] = []
  let unwritten: string[] = []
  let recorded: Promise<void>
  let current: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  let medium: Medium = 'indexeddb'
  let isSpilled = true

  /** Lets a row wait for the disk; one without text goes. */
  function hold(key: string, text: string): void {
    if (text) {
      waiting.set(key, text)
      isSpilled = storage.set(spillPrefix + key, text) && isSpilled
    } else {
      waiting.delete(key)
      storage.remove(spillPrefix + key)
    }
  }

  function holdRows(entries: readonly Entry[]): void {
    for (const key of new Set(entries.map(({ row }) => row))) {
      if (!key) continue
      unwritten.push(key)
      hold(key, rowText(entries.filter(({ row }) => row === key)))
    }
  }

  function spill(): void {
    for (const entries of splitBatch(added, ({ eventJson }) => eventJson.length, ROW)) {
      for (const entry of entries) entry.row = (entries[0] as Entry).key
    }
    holdRows(added)
    added = []
  }

  function write(): Promise<void> {
    next ??= current = current.then(async () => {
      next = undefined
      const keys = unwritten
      const fallback: Medium = isSpilled ? 'localstorage' : 'memory'
      unwritten = []
      isSpilled = true
      try {
        // A row may have gone since, or be put back with more in it while it is written.
        const rows = [...waiting].filter(([key]) => keys.includes(key))
        await disk.add(rows)
        for (const [key, text] of rows) if (waiting.get(key) === text) hold(key, '')
        medium = 'indexeddb'
      } catch (cause) {
        medium = fallback
        onFailure(cause)
      }
    })
    return next
  }

  return {
    add(entry) {
      if (added.push(entry) === 1) {
        recorded = Promise.resolve().then(() => {
          spill()
          return write()
        })
      }
      return recorded
    },
    spill,
    async read(from, limit) {
      await current
      const rows = await disk.read(from, limit).catch((): Row[] => [])
      // By key: a write that was given up after its time may have reached the disk all the same.
      const merged = new Map(rows)
      for (const row of waiting) if (row[0] >= from) merged.set(...row)
      return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit)
    },
    async restore(unended) {
      // A write that was under way has gone with the rest.
      await current
      holdRows(unended())
      await write()
    },
    async remove(ended, entries) {
      // A row on its way to the disk would come back.
      await current
      const rest = (text: string, row: string): string =>
        rowText(readRow(row, text).filter(({ key }) => !ended.has(key)))
      const onDisk = []
      for (const row of new Set(entries.flatMap(({ key, row }) => (ended.has(key) ? row : [])))) {
        const text = waiting.get(row)
        if (text) hold(row, rest(text, row))
        else onDisk.push(row)
      }
      if (onDisk[0]) await disk.change(onDisk, rest)
    },
    recover() {
      for (const spilled of storage.keys(spillPrefix)) {
        const key = spilled.slice(spillPrefix.length)
        unwritten.push(key)
        waiting.set(key, storage.get(spilled) as string)
      }
      return write()
    },
    medium: () => medium,
  }
}

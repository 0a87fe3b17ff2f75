import type { Disk, Storage } from '../src/platform.ts'

/** A storage in memory. */
export interface MemoryStorage extends Storage {
  values: Map<string, string>
  /** While it is, nothing that is set outlives the page. */
  isFull: boolean
}

export function memoryStorage(): MemoryStorage {
  const values = new Map<string, string>()
  return {
    values,
    isFull: false,
    get: (key) => values.get(key),
    set(key, value) {
      if (!this.isFull) values.set(key, value)
      return !this.isFull
    },
    remove: (key) => void values.delete(key),
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  }
}

/** A disk in memory, whose every operation takes a turn of the event loop, and may fail. */
export interface MemoryDisk extends Disk {
  rows: Map<string, string>
  /** Throws in place of an operation. */
  fail(operation: 'add' | 'read' | 'change'): void
  /** Rows of each transaction that added some. */
  adds: number[]
}

export function memoryDisk(): MemoryDisk {
  const rows = new Map<string, string>()
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
  return {
    rows,
    adds: [],
    fail() {},
    async add(added) {
      await turn()
      this.fail('add')
      this.adds.push(added.length)
      for (const row of added) rows.set(...row)
    },
    async read(from, limit) {
      await turn()
      this.fail('read')
      return [...rows]
        .filter(([key]) => key >= from)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
    },
    async change(keys, change) {
      await turn()
      this.fail('change')
      for (const key of keys) {
        const text = change(rows.get(key) ?? '', key)
        if (text) rows.set(key, text)
        else rows.delete(key)
      }
    },
  }
}

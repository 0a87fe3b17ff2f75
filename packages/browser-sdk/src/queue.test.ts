import { v7 } from 'uuid'
import { beforeEach, expect, test } from 'vitest'
import { type MemoryDisk, type MemoryStorage, memoryDisk, memoryStorage } from '../test/memory.ts'
import { type Entry, readRow } from './core/entry.ts'
import { createQueue, type Queue } from './queue.ts'

let disk: MemoryDisk
let storage: MemoryStorage
let failures: unknown[]
let queue: Queue

/** The queue of a page on the disk and storage that are there. */
function openQueue(): Queue {
  return createQueue(disk, storage, 'spill:', (cause) => failures.push(cause))
}

beforeEach(() => {
  disk = memoryDisk()
  storage = memoryStorage()
  failures = []
  queue = openQueue()
})

const newEntry = (eventJson = '{}'): Entry => ({ key: v7(), eventJson, row: '' })

const newEntries = (count: number): Entry[] => Array.from({ length: count }, () => newEntry())

/** Keys of everything in a queue, in its order. */
async function keysIn(from: Queue): Promise<string[]> {
  const rows = await from.read('', 1000)
  return rows.flatMap((row) => readRow(...row).map(({ key }) => key))
}

const keysOf = (entries: Entry[]): string[] => entries.map(({ key }) => key)

const breakDisk = (): never => {
  throw new Error('broken')
}

test('what one task adds is one row, on disk when its promise resolves, and nowhere else then', async () => {
  const entries = newEntries(3)
  await Promise.all(entries.map(queue.add))
  expect([...disk.rows.keys()]).toEqual([entries[0]?.key])
  expect(storage.values.size).toBe(0)
  expect(await keysIn(queue)).toEqual(keysOf(entries))
  expect(new Set(entries.map(({ row }) => row))).toEqual(new Set([entries[0]?.key]))
})

test('until it is on disk, it is in localStorage: from the end of the task, or from a spill on', async () => {
  const entries = newEntries(2)
  const added = Promise.all(entries.map(queue.add))
  expect(storage.values.size).toBe(0)
  await Promise.resolve()
  expect(storage.values.size).toBe(1)
  const last = newEntry()
  void queue.add(last)
  queue.spill()
  expect(storage.values.size).toBe(2)
  expect(disk.rows.size).toBe(0)
  // A crash here: the next page has all of it.
  const next = openQueue()
  await next.recover()
  expect(await keysIn(next)).toEqual(keysOf([...entries, last]))
  await added
})

test('tasks that add while a write runs share the next transaction', async () => {
  const writes = []
  for (let task = 0; task < 5; task++) {
    writes.push(queue.add(newEntry()))
    await Promise.resolve()
    await Promise.resolve()
  }
  await Promise.all(writes)
  expect(disk.adds).toEqual([1, 4])
})

test('a long task makes rows of at most fifty events, and large events rows of their own', async () => {
  await Promise.all(newEntries(120).map(queue.add))
  const sizes = [...disk.rows].map((row) => readRow(...row).length)
  expect(sizes).toEqual([50, 50, 20])
  disk.rows.clear()
  const json = `{"text":"${'x'.repeat(20_000)}"}`
  await Promise.all([json, json, json].map((text) => queue.add(newEntry(text))))
  expect(disk.rows.size).toBe(3)
})

test('what has ended is removed from its row, and the row with its last event', async () => {
  const entries = newEntries(3)
  await Promise.all(entries.map(queue.add))
  const [first, second, third] = keysOf(entries) as [string, string, string]
  await queue.remove(new Set([first, third]), entries)
  expect(await keysIn(queue)).toEqual([second])
  await queue.remove(new Set([second]), entries)
  expect(disk.rows.size).toBe(0)
})

test('a row that is still being written is removed after that, and does not come back', async () => {
  const entry = newEntry()
  const written = queue.add(entry)
  queue.spill()
  await Promise.resolve()
  await queue.remove(new Set([entry.key]), [entry])
  await written
  expect(await keysIn(queue)).toEqual([])
  expect(storage.values.size).toBe(0)
})

test('what the disk refuses is read and removed from localStorage, and told', async () => {
  const kept = newEntry()
  await queue.add(kept)
  disk.fail = breakDisk
  const entries = newEntries(2)
  await Promise.all(entries.map(queue.add))
  expect(queue.medium()).toBe('localstorage')
  expect(failures).toEqual([new Error('broken')])
  expect(await keysIn(queue)).toEqual(keysOf(entries))
  const [first, second] = keysOf(entries) as [string, string]
  await queue.remove(new Set([first]), entries)
  expect(await keysIn(queue)).toEqual([second])
  // The disk works again in the next page.
  disk.fail = () => {}
  const next = openQueue()
  await next.recover()
  expect(await keysIn(next)).toEqual([kept.key, second])
  expect(storage.values.size).toBe(0)
  expect(next.medium()).toBe('indexeddb')
})

test('where localStorage is full as well, memory holds it for the life of the page', async () => {
  disk.fail = breakDisk
  storage.isFull = true
  const entries = newEntries(2)
  await Promise.all(entries.map(queue.add))
  expect(queue.medium()).toBe('memory')
  expect(await keysIn(queue)).toEqual(keysOf(entries))
  await queue.remove(new Set(keysOf(entries)), entries)
  expect(await keysIn(queue)).toEqual([])
})

test('a disk that works again is told as such, and loses nothing of before', async () => {
  disk.fail = breakDisk
  const before = newEntry()
  await queue.add(before)
  disk.fail = () => {}
  const after = newEntry()
  await queue.add(after)
  expect(queue.medium()).toBe('indexeddb')
  expect(await keysIn(queue)).toEqual([before.key, after.key])
})

test('what the disk has lost is restored into the rows that it was in, without what has ended meanwhile', async () => {
  const [first, second] = [newEntries(2), newEntries(2)]
  await Promise.all(first.map(queue.add))
  await Promise.all(second.map(queue.add))
  const unadded = newEntry()
  const [ended, ...open] = [...first, ...second]
  await queue.remove(new Set([ended?.key as string]), first)
  disk.rows.clear()
  const restored = queue.restore(() => [...open, unadded])
  await Promise.all([restored, queue.add(unadded)])
  expect(await keysIn(queue)).toEqual(keysOf([...open, unadded]))
  expect([...disk.rows.keys()]).toEqual(keysOf([first[0], second[0], unadded] as Entry[]))
  expect(storage.values.size).toBe(0)
})

test('what was still being written when the disk was lost is written again after that', async () => {
  const entry = newEntry()
  const written = queue.add(entry)
  const add = disk.add
  disk.add = async (rows) => {
    await add.call(disk, rows)
    disk.rows.clear()
    disk.add = add
  }
  // The write begins at the end of the task.
  await Promise.resolve()
  const restored = queue.restore(() => [entry])
  await Promise.all([written, restored])
  expect([...disk.rows.keys()]).toEqual([entry.key])
})

test('a disk that cannot remove is an error, since the events will be read again', async () => {
  const entry = newEntry()
  await queue.add(entry)
  disk.fail = breakDisk
  await expect(queue.remove(new Set([entry.key]), [entry])).rejects.toThrow('broken')
  disk.fail = () => {}
  expect(await keysIn(queue)).toEqual([entry.key])
})

test('a read gives whole rows from a key on, those in memory among those on disk', async () => {
  const entries = newEntries(4)
  for (const entry of entries) {
    disk.fail = entry === entries[1] ? breakDisk : () => {}
    await queue.add(entry)
  }
  const rows = await queue.read(entries[1]?.key as string, 2)
  expect(rows.map(([key]) => key)).toEqual(keysOf(entries).slice(1, 3))
})

test('a row that is put back while it is being written stays readable', async () => {
  const entry = newEntry()
  const written = queue.add(entry)
  await Promise.resolve()
  await Promise.all([written, queue.add(entry)])
  expect(await keysIn(queue)).toEqual([entry.key])
})

import { createStore, promisifyRequest } from 'idb-keyval'
import type { Disk } from '../platform.ts'

/**
 * An operation that takes longer counts as failed, and its events are kept in memory: Safari has left
 * `indexedDB.open` without an answer for a whole page life (WebKit bug 226547).
 */
const DISK_TIMEOUT_MS = 5000

/** A database of this name in IndexedDB. Nothing is opened before the first operation. */
export function openIndexedDb(name: string): Disk {
  const useStore = createStore(name, 'events')

  /** Where IndexedDB is missing or blocked, `useStore` throws at once: being async makes that a rejection too. */
  async function transact<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, DISK_TIMEOUT_MS)
    })
    try {
      return await Promise.race([useStore(mode, work), late])
    } finally {
      clearTimeout(timer)
    }
  }

  function change(work: (store: IDBObjectStore) => void): Promise<void> {
    return transact('readwrite', (store) => {
      work(store)
      return promisifyRequest(store.transaction)
    })
  }

  return {
    add: (entries) =>
      change((store) => {
        for (const { key, json } of entries) store.put(json, key)
      }),
    remove: (keys) =>
      change((store) => {
        for (const key of keys) store.delete(key)
      }),
    async oldest(after, limit) {
      const range = IDBKeyRange.lowerBound(after, true)
      const [keys, values] = await transact('readonly', (store) =>
        Promise.all([
          promisifyRequest(store.getAllKeys(range, limit)),
          promisifyRequest<string[]>(store.getAll(range, limit)),
        ]),
      )
      return values.map((json, index) => ({ key: keys[index] as string, json }))
    },
    keys: (first, last) =>
      transact('readonly', (store) =>
        promisifyRequest(store.getAllKeys(IDBKeyRange.bound(first, last)) as IDBRequest<string[]>),
      ),
  }
}

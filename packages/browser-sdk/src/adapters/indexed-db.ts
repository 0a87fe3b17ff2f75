import { createStore, promisifyRequest } from 'idb-keyval'
import type { Disk } from '../platform.ts'

/**
 * An operation that takes longer counts as failed, and its events are kept in memory: Safari has left
 * `indexedDB.open` without an answer for a whole page life (WebKit bug 226547).
 */
const DISK_TIMEOUT_MS = 5000

/**
 * A database of this name in IndexedDB. Nothing is opened before the first operation, and it is opened again by the first
 * after it was closed.
 *
 * @param onGone Called when its connection ends: it is being deleted, or storage was cleared.
 */
export function openIndexedDb(name: string, onGone: () => void): Disk {
  const useStore = createStore(name, 'events')

  /** Where IndexedDB is missing or blocked, `useStore` throws at once: being async makes that a rejection too. */
  async function transact<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(reject, DISK_TIMEOUT_MS)
    })
    const guarded = useStore(mode, (store) => {
      const { db } = store.transaction
      db.onversionchange = giveWay
      // The same listener again is none (DOM, 2.7).
      db.addEventListener('close', onGone)
      return work(store)
    })
    return Promise.race([guarded, late])
  }

  /**
   * A deletion waits for each connection to be closed, and takes what is written until then. idb-keyval opens it again
   * after a `close`, which a browser fires only where a connection is closed without our doing.
   */
  function giveWay(this: IDBDatabase): void {
    this.close()
    this.dispatchEvent(new Event('close'))
  }

  function change(work: (store: IDBObjectStore) => void): Promise<void> {
    return transact('readwrite', (store) => {
      work(store)
      return promisifyRequest(store.transaction)
    })
  }

  return {
    add: (rows) =>
      change((store) => {
        for (const [key, text] of rows) store.put(text, key)
      }),
    async read(from, limit) {
      const range = IDBKeyRange.lowerBound(from)
      const [keys, texts] = await transact('readonly', (store) =>
        Promise.all([
          promisifyRequest(store.getAllKeys(range, limit)),
          promisifyRequest<string[]>(store.getAll(range, limit)),
        ]),
      )
      return texts.map((text, index) => [keys[index] as string, text])
    },
    change: (keys, replace) =>
      change((store) => {
        for (const key of keys) {
          const request: IDBRequest<string | undefined> = store.get(key)
          request.onsuccess = () => {
            const text = replace(request.result ?? '', key)
            if (text) store.put(text, key)
            else store.delete(key)
          }
        }
      }),
  }
}

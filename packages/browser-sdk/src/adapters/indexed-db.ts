import { promisifyRequest } from 'idb-keyval'
import type { Disk } from '../platform.ts'

/**
 * An operation that takes longer counts as failed, and its events are kept in memory: Safari has left
 * `indexedDB.open` without an answer for a whole page life (WebKit bug 226547).
 */
const DISK_TIMEOUT_MS = 5000

/**
 * A database of this name in IndexedDB. The connection is opened by the first operation, and by the first after its end.
 *
 * @param onGone Called when the connection ends because the database is being deleted, or storage was cleared.
 */
export function openIndexedDb(name: string, onGone: () => void): Disk {
  let opened: Promise<IDBDatabase> | undefined

  function open(): Promise<IDBDatabase> {
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => request.result.createObjectStore('events')
    return promisifyRequest(request)
  }

  /** Where IndexedDB is missing or blocked, it throws at once: being async makes that a rejection too. */
  async function transact<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(reject, DISK_TIMEOUT_MS)
    })
    opened ??= open()
    const done = opened.then(
      (db) => {
        // A deletion waits for each connection to be closed, and takes what is written until then.
        db.onclose = db.onversionchange = () => {
          db.close()
          opened = undefined
          onGone()
        }
        return work(db.transaction('events', mode).objectStore('events'))
      },
      (cause) => {
        opened = undefined
        throw cause
      },
    )
    return Promise.race([done, late])
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

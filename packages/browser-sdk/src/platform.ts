import type { HttpAnswer } from '@tributary/protocol'
import type { PageFacts } from './core/page-context.ts'

/** A row of the queue: a few events that were recorded together, see `rowText`. */
export type Row = readonly [key: string, text: string]

/** A database of rows. Every method rejects when the database cannot be used. */
export interface Disk {
  /** Resolves once the rows are committed, all or none. */
  add(rows: readonly Row[]): Promise<void>
  /** At most `limit` rows in the order of their keys, from the first that is not below `from`. */
  read(from: string, limit: number): Promise<Row[]>
  /** Replaces the text of rows, in one transaction; an empty one removes the row. A row that is not there stays so. */
  change(keys: readonly string[], change: (text: string, key: string) => string): Promise<void>
}

/** Small synchronous storage that the tabs of an origin share. Never throws; what cannot be stored is kept for the page's life. */
export interface Storage {
  get(key: string): string | undefined
  /** False when it is only in memory. */
  set(key: string, value: string): boolean
  remove(key: string): void
  keys(prefix: string): string[]
}

/** The cookie that keeps an id, in reach of every subdomain. Never throws. */
export interface Cookie {
  get(): string | undefined
  /** An empty value removes it. */
  set(value: string): void
}

/** The other tabs of the origin. */
export interface Tabs {
  /** Tells the other tabs something. */
  tell(message: unknown): void
}

/** Moments in the life of a page. */
export interface LifecycleHandlers {
  /** The page may never run again after this. */
  hide(): void
  /** The page is in view again, or the network is back. */
  wake(): void
}

/** Everything outside that the core needs, in one argument. */
export interface Platform {
  /** Milliseconds since the epoch, by a clock that may be set. */
  now(): number
  /** Milliseconds by a clock that only goes forward. */
  elapsed(): number
  /** From 0 up to 1. */
  random(): number
  /** A UUIDv7, greater than all before it. */
  newId(): string
  /** Runs `work` once after `ms`; the returned function cancels it. */
  after(ms: number, work: () => void): () => void
  /**
   * Sends one request, started before it returns. Never rejects: no answer is status 0.
   *
   * @param keepalive It outlives the page.
   */
  post(
    url: string,
    body: string | Blob,
    keepalive: boolean,
    credentials: Platform['credentials'],
  ): Promise<HttpAnswer>
  /** Whether requests carry the site's cookies, and take new ones. */
  credentials: 'omit' | 'include'
  readPage(): PageFacts
  store: Storage
  /** @param onGone Called when what was on the disk may be gone, because someone else deletes it. */
  openDisk(name: string, onGone: () => void): Disk
  /**
   * Runs `work` unless another tab is at work under this name. Resolves once it has run; to false when another tab was in
   * its way, and to undefined where there are no locks.
   */
  exclusively(name: string, work: () => Promise<void>): Promise<boolean | undefined>
  onLifecycle(handlers: LifecycleHandlers): void
}

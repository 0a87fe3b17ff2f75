import type { HttpAnswer } from '@tributary/protocol'
import type { Entry } from './core/entry.ts'
import type { PageFacts } from './core/page-context.ts'

/** A database of queued events. Every method rejects when the database cannot be used. */
export interface Disk {
  /** Resolves once the entries are committed, all or none. */
  add(entries: readonly Entry[]): Promise<void>
  /** At most `limit` entries in key order, from the first key above `after`. */
  oldest(after: string, limit: number): Promise<Entry[]>
  /** Keys from `first` to `last`, both included. */
  keys(first: string, last: string): Promise<string[]>
  remove(keys: readonly string[]): Promise<void>
}

/** Small synchronous storage that the tabs of an origin share. Never throws; what cannot be stored is kept for the page's life. */
export interface Storage {
  get(key: string): string | undefined
  set(key: string, value: string): void
  remove(key: string): void
  keys(prefix: string): string[]
}

/** The other tabs of the origin. */
export interface Tabs {
  /** Runs `work` unless another tab is running its own. Resolves to false when it was not run. */
  exclusively(work: () => Promise<void>): Promise<boolean>
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

/** Everything outside that the tracker needs, in one argument. */
export interface Platform {
  /** Milliseconds since the epoch. */
  now(): number
  /** From 0 up to 1. */
  random(): number
  /** A UUIDv7, greater than all before it. */
  newId(): string
  /** Runs `work` once after `ms`; the returned function cancels it. */
  after(ms: number, work: () => void): () => void
  /** Sends one request, started before it returns. Never rejects: no answer is status 0. */
  post(url: string, body: string, keepalive: boolean): Promise<HttpAnswer>
  readPage(): PageFacts
  /** Parts of every event's context that do not change in the page's life. */
  device: Record<string, unknown>
  storage: Storage
  openDisk(name: string): Disk
  openTabs(name: string, onTold: (message: unknown) => void): Tabs
  onLifecycle(handlers: LifecycleHandlers): void
  warn(message: string): void
  /** Writes for a developer who has asked for it. */
  log(...args: unknown[]): void
}

import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Collector, freePort, newFolder, removeFolder, startCollector } from './collector.ts'

/** The collector of a test file: one for all its tests. */
export interface UsedCollector {
  /** For the file's own things; it goes when the tests are over. */
  readonly folder: string
  /** Where the collector keeps all that it keeps, below `folder`. */
  readonly dataDirectory: string
  /** Base address, the same after a restart. */
  readonly url: string
  /** SIGKILL to all of it. */
  kill(): Promise<void>
  /** Starts it where it was, with what it has stored, after it has been killed. */
  restart(): Promise<void>
  isRunning(): boolean
}

/**
 * Registers the hooks of a test file whose tests share a collector.
 *
 * @param site Folder of the site that it serves, or what makes one in the file's folder; by default the shop.
 */
export function useCollector(site?: string | ((folder: string) => string)): UsedCollector {
  const folder = newFolder()
  const dataDirectory = join(folder, 'data')
  let served: string | undefined
  let running: Collector

  beforeAll(async () => {
    served = typeof site === 'function' ? site(folder) : site
    running = await startCollector(await freePort(), dataDirectory, served)
  })

  afterAll(async () => {
    await running?.kill().catch(() => undefined)
    removeFolder(folder)
  })

  return {
    folder,
    dataDirectory,
    get url() {
      return running.url
    },
    kill: () => running.kill(),
    async restart() {
      running = await startCollector(Number(new URL(running.url).port), dataDirectory, served)
    },
    isRunning: () => running.process.exitCode === null && running.process.signalCode === null,
  }
}

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Collector, exportEvents, freePort, startCollector } from '../collector.ts'
import type { Random } from '../crash/random.ts'
import type { Browser, Tab } from './engine.ts'
import { type Gate, startGate } from './gate.ts'
import { trackAtOnce, trackerIsThere, trackPersisted } from './page-calls.ts'
import type { Seat } from './seats.ts'

/** What a scenario works with. */
export interface World<B extends Browser = Browser> {
  random: Random
  gate: Gate
  collector: CollectorInUse
  browser(): B
  /** Opens a page and waits for the tracker. */
  open(url?: string): ReturnType<B['open']>
  close(tab: Tab): Promise<void>
  /** Kills what renders the tab; gives the tabs that have gone with it. */
  crash(tab: Tab): Promise<Tab[]>
  /** SIGKILL to the browser, and another one on its profile. */
  restart(): Promise<void>
  /** Cuts every page of the scenario off, or connects them again. */
  setOffline(isOffline: boolean): Promise<void>
  /** Tracks events that must be stored at the end, and waits until all are persisted. */
  track(tab: Tab, count: number): Promise<void>
  /** The same without waiting. */
  trackAtOnce(tab: Tab, count: number): Promise<void>
  /** Events that must be stored at the end. */
  owed: Set<string>
  /** Resolves when all that is owed so far is stored, or the time for it is up; gives what is not stored once. */
  settled(): Promise<{ lost: string[]; twice: string[] }>
}

/** Longest that events may take once nothing stands in their way: a pause of the tracker's may have begun before. */
const DELIVERY_MS = 45_000

const POLL_MS = 100

/** A collector that a scenario may kill. */
export interface CollectorInUse {
  url(): string
  kill(): Promise<void>
  start(): Promise<void>
  /** How often each event is in the export. */
  stored(): Promise<Map<string, number>>
}

/** Starts a collector on a data directory in `folder`. */
export async function useCollector(folder: string): Promise<CollectorInUse> {
  const port = await freePort()
  let collector: Collector = await startCollector(port, join(folder, 'data'))

  return {
    url: () => collector.url,
    kill: () => collector.kill(),
    async start() {
      collector = await startCollector(port, join(folder, 'data'))
    },
    async stored() {
      const counts = new Map<string, number>()
      for (const { messageId } of await exportEvents(collector.url)) {
        counts.set(messageId, (counts.get(messageId) ?? 0) + 1)
      }
      return counts
    },
  }
}

/** A world for one scenario; `end` closes its pages and leaves the browser to the next. */
export async function createWorld(
  seat: Seat,
  collector: CollectorInUse,
  random: Random,
): Promise<World & { end(): Promise<void> }> {
  const gate = await startGate(collector.url)
  gate.head = seat.browser.head
  const owed = new Set<string>()
  const tabs = new Set<Tab>()

  async function close(tab: Tab): Promise<void> {
    tabs.delete(tab)
    await tab.close()
  }

  function owe(messageIds: string[], count: number): void {
    expect(messageIds).toHaveLength(count)
    for (const id of messageIds) owed.add(id)
  }

  return {
    random,
    gate,
    collector,
    owed,
    browser: () => seat.browser,
    async open(url = gate.url) {
      const tab = await seat.browser.open(url)
      tabs.add(tab)
      await tab.run(trackerIsThere)
      return tab
    },
    close,
    async crash(tab) {
      const crashed = await seat.browser.crash(tab)
      for (const gone of crashed) tabs.delete(gone)
      return crashed
    },
    async restart() {
      tabs.clear()
      await seat.restart()
      gate.head = seat.browser.head
    },
    async setOffline(isOffline) {
      await gate.setReachable(!isOffline)
      for (const tab of tabs) await tab.setOffline(isOffline)
    },
    track: async (tab, count) => owe(await tab.run(trackPersisted, count), count),
    trackAtOnce: async (tab, count) => owe(await tab.run(trackAtOnce, count), count),
    async settled() {
      const deadline = Date.now() + DELIVERY_MS
      // A whole export is dear; before they have come this far it need not be asked for.
      while (Date.now() < deadline && [...owed].some((id) => !gate.answered.has(id))) {
        await sleep(POLL_MS)
      }
      const counts = await collector.stored()
      return {
        lost: [...owed].filter((id) => !counts.has(id)),
        twice: [...owed].filter((id) => (counts.get(id) ?? 0) > 1),
      }
    },
    async end() {
      for (const tab of tabs) await close(tab).catch(() => {})
      await gate.close()
    },
  }
}

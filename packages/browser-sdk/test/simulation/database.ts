import type { Disk, Row } from '../../src/platform.ts'
import type { Tab } from './tab.ts'
import type { World } from './world.ts'

/** An IndexedDB that the tabs share. */
export interface Database {
  open(tab: Tab, onGone: () => void): Disk
  /** What a tab has not committed may be lost when it ends, or is frozen. */
  abandon(tab: Tab): void
  /** Empties the database, and breaks off what runs in it. Some of the tabs are told. */
  delete(): void
  size(): number
}

interface Transaction {
  tab: Tab
  isAborted: boolean
  fail(cause: string): void
}

/** As the adapter: a transaction that takes longer counts as failed. */
const TIMEOUT_MS = 5000

/** Transactions run one after the other. Each may fail, hang, or commit after it was given up. */
export function createDatabase(world: World): Database {
  const { loop, random } = world
  const rows = new Map<string, string>()
  const open = new Set<Transaction>()
  const openers = new Map<Tab, () => void>()
  let busyUntil = 0

  /** Runs `work` on the rows at the moment of commit; it throws to abort. */
  function transact<T>(tab: Tab, name: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!tab.acts()) return
      const fate = fateOf(world)
      const settle = (how: () => void): unknown => loop.after(0, tab, how)
      const fail = (cause: string): unknown => settle(() => reject(new Error(cause)))
      const transaction: Transaction = { tab, isAborted: false, fail }
      loop.after(TIMEOUT_MS, tab, () => reject(new Error('It takes too long.')))
      if (fate === 'hangs') return
      const delay = delayOf(world, fate)
      const at =
        fate === 'is late' ? loop.elapsed() + delay : Math.max(loop.elapsed(), busyUntil) + delay
      if (fate !== 'is late') busyUntil = at
      open.add(transaction)
      loop.after(at - loop.elapsed(), undefined, () => {
        open.delete(transaction)
        if (transaction.isAborted) return
        world.trace(`${tab.name}: ${name} ${fate}`)
        try {
          if (fate === 'fails') throw new Error('The disk is broken.')
          const result = work()
          settle(() => resolve(result))
        } catch (cause) {
          fail(`${cause}`)
        }
      })
    })
  }

  return {
    open: (tab, onGone) => {
      openers.set(tab, onGone)
      return {
        add: (added) => transact(tab, `add ${added.length} rows`, () => add(world, rows, added)),
        read: (from, limit) =>
          transact(tab, 'read', () => {
            const found = [...rows].filter(([key]) => key >= from)
            return found.sort(byKey).slice(0, limit)
          }),
        change: (keys, change) =>
          transact(tab, `change ${keys.length} rows`, () => {
            for (const key of keys) {
              const text = change(rows.get(key) ?? '', key)
              if (text) rows.set(key, text)
              else rows.delete(key)
            }
          }),
      }
    },
    abandon(tab) {
      for (const transaction of open) {
        if (transaction.tab !== tab || world.random.disk.happens(0.5)) continue
        transaction.isAborted = true
        transaction.fail('The page is away.')
      }
    },
    delete() {
      noteDeleted(world, rows)
      rows.clear()
      for (const transaction of open) {
        transaction.isAborted = true
        transaction.fail('The database was deleted.')
      }
      for (const [tab, onGone] of openers) if (random.disk.happens(0.5)) loop.after(0, tab, onGone)
    },
    size: () => rows.size,
  }
}

function noteDeleted({ calls }: World, rows: Map<string, string>): void {
  for (const text of rows.values()) {
    for (const [, number] of text.matchAll(/"number":(\d+)/g)) {
      const call = calls[Number(number)]
      if (call) call.isDeleted = true
    }
  }
}

const byKey = ([one]: Row, [other]: Row): number => (one < other ? -1 : 1)

function add({ disk }: World, rows: Map<string, string>, added: readonly Row[]): void {
  if (disk === 'full') throw new Error('QuotaExceededError')
  for (const [key, text] of added) rows.set(key, text)
}

type TransactionFate = 'commits' | 'fails' | 'hangs' | 'is late'

function fateOf({ random, scenario, disk }: World): TransactionFate {
  if (scenario.isDiskMissing || disk === 'failing') return 'fails'
  if (disk === 'hanging') return random.disk.pick(['hangs', 'is late'])
  if (disk !== 'flaky') return 'commits'
  return random.disk.pick(['commits', 'commits', 'commits', 'fails', 'hangs', 'is late'])
}

function delayOf({ random, disk }: World, fate: TransactionFate): number {
  if (fate === 'is late') return TIMEOUT_MS + random.disk.whole(1, 10_000)
  const isSlow = disk === 'slow' || random.disk.happens(0.02)
  return random.disk.whole(1, isSlow ? 3000 : 20)
}

import { beforeEach, expect, test } from 'vitest'
import { type MemoryStorage, memoryStorage } from '../test/memory.ts'
import type { Platform } from './platform.ts'
import { createTurns, type Turns } from './turns.ts'

const LEASE_MS = 30_000

let now: number
let storage: MemoryStorage
let held: Set<string>

beforeEach(() => {
  now = 1_795_352_000_000
  storage = memoryStorage()
  held = new Set()
})

/** Locks as browsers have them: taken only where free, held until the work ends. */
const locks: Platform['exclusively'] = async (name, work) => {
  await Promise.resolve()
  if (held.has(name)) return false
  held.add(name)
  await work().finally(() => held.delete(name))
  return true
}

const noLocks: Platform['exclusively'] = async () => undefined

/** The turns of a tab; ids are of one length, as they are in the browser. */
function openTab(tab: string, exclusively = locks): Turns {
  return createTurns({ exclusively, store: storage, now: () => now }, 'sender', `tab ${tab}`)
}

/** Work that goes on until it is ended. */
function longWork(): { work(): Promise<void>; end(): void; started(): number } {
  let end = (): void => {}
  let started = 0
  const done = new Promise<void>((resolve) => {
    end = resolve
  })
  return {
    work() {
      started++
      return done
    },
    end: () => end(),
    started: () => started,
  }
}

/** Lets all promises run that can. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

for (const [kind, exclusively] of [
  ['locks', locks],
  ['the lease alone', noLocks],
] as const) {
  test(`with ${kind}, one tab has the turn, and the next has it afterwards`, async () => {
    const [one, two] = [openTab('1', exclusively), openTab('2', exclusively)]
    const first = longWork()
    const taken = one.take(first.work)
    await settle()
    expect(await two.take(first.work)).toBe(false)
    expect([one.goesOn(), two.goesOn()]).toEqual([true, false])
    first.end()
    expect(await taken).toBe(true)
    expect([one.goesOn(), two.goesOn()]).toEqual([false, false])
    expect(first.started()).toBe(1)
    const second = longWork()
    second.end()
    expect(await two.take(second.work)).toBe(true)
    expect(storage.values.size).toBe(0)
  })

  test(`with ${kind}, the turn of a frozen tab ends, and the tab knows it when it wakes`, async () => {
    const [one, two] = [openTab('1', exclusively), openTab('2', exclusively)]
    const frozen = longWork()
    const taken = one.take(frozen.work)
    await settle()
    now += LEASE_MS
    expect(await two.take(frozen.work)).toBe(false)
    now += 1
    const second = longWork()
    const turn = two.take(second.work)
    await settle()
    expect(second.started()).toBe(1)
    expect([one.goesOn(), two.goesOn()]).toEqual([false, true])
    frozen.end()
    expect(await taken).toBe(true)
    // The end of the frozen one's work is not the end of the other's turn.
    expect(two.goesOn()).toBe(true)
    second.end()
    expect(await turn).toBe(true)
  })

  test(`with ${kind}, a tab that gives up lets another go on while it finishes`, async () => {
    const [one, two] = [openTab('1', exclusively), openTab('2', exclusively)]
    const first = longWork()
    const taken = one.take(first.work)
    await settle()
    one.giveUp()
    await settle()
    const second = longWork()
    const turn = two.take(second.work)
    await settle()
    expect(second.started()).toBe(1)
    expect([one.goesOn(), two.goesOn()]).toEqual([false, true])
    first.end()
    second.end()
    expect(await Promise.all([taken, turn])).toEqual([true, true])
  })

  test(`with ${kind}, a lease that another tab left before the clock was set back holds nobody up`, async () => {
    const [one, two] = [openTab('1', exclusively), openTab('2', exclusively)]
    const first = longWork()
    void one.take(first.work)
    await settle()
    now -= 3_600_000
    const second = longWork()
    second.end()
    expect(await two.take(second.work)).toBe(true)
    expect(second.started()).toBe(1)
    first.end()
  })

  test(`with ${kind}, work that goes on step by step keeps its turn`, async () => {
    const [one, two] = [openTab('1', exclusively), openTab('2', exclusively)]
    const first = longWork()
    const taken = one.take(first.work)
    await settle()
    for (let step = 0; step < 5; step++) {
      now += LEASE_MS - 1
      expect(one.goesOn()).toBe(true)
      expect(await two.take(first.work)).toBe(false)
    }
    first.end()
    await taken
  })

  test(`with ${kind}, noise in the place of the lease holds nobody up`, async () => {
    storage.set('sender', 'noise')
    const done = longWork()
    done.end()
    expect(await openTab('1', exclusively).take(done.work)).toBe(true)
  })
}

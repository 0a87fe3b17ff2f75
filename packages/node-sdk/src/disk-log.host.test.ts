import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import {
  atEnd,
  event,
  nameOf,
  newDirectory,
  nextTask,
  openLog,
  readAll,
  readNames,
} from '../test/log.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SCRIPT = join(ROOT, 'test', 'log-script.mjs')

// A process of its own can only run what is built.
beforeAll(() => {
  execFileSync('npx', ['tsc', '-b'], { cwd: ROOT })
})

/** A process with a log in the directory. */
function start(directory: string, what: string) {
  const child = spawn(process.execPath, [SCRIPT, directory, what], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  atEnd(() => child.kill('SIGKILL'))
  return child
}

async function hear(child: ChildProcess, text: string): Promise<void> {
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes(text)) return
}

it.for(['return', 'exit', 'throw'])(
  'neither keeps a process alive nor loses what its last task appended (%s)',
  async (what) => {
    const directory = newDirectory()
    const startMs = performance.now()
    await once(start(directory, what), 'close')
    expect(performance.now() - startMs).toBeLessThan(5000)
    expect(await readNames(openLog(directory).log)).toEqual([what])
  },
)

it('leaves a process alone that is stopped, until it is dead', async () => {
  const directory = newDirectory()
  const child = start(directory, 'stay')
  await hear(child, 'ready')
  child.kill('SIGSTOP')
  const { log } = openLog(directory, { platform: { lookEveryMs: 10, maxLeaseMs: 0 } })
  await sleep(200)
  expect(await log.read(1000)).toEqual([])
  child.kill('SIGKILL')
  await once(child, 'close')
  await expect.poll(() => log.stats().unread.events).toBe(1)
  expect(await readNames(log)).toEqual(['stay'])
})

it.for(['thread', 'cluster'])(
  'takes over from a %s that was ended, while its process lives',
  async (what) => {
    const directory = newDirectory()
    const child = start(directory, what)
    await hear(child, 'ended')
    const { log } = openLog(directory)
    expect(await readNames(log)).toEqual([what])
    expect(child.exitCode).toBe(null)
  },
)

it('keeps a process alive that waits for the close, whatever others have left', async () => {
  const directory = newDirectory()
  const { log } = openLog(directory)
  for (let i = 0; i < 30_000; i++) log.append(event(i, 300), true)
  await log.close()
  const child = start(directory, 'close')
  await hear(child, 'closed')
  expect(await once(child, 'close')).toEqual([0, null])
  expect(await readNames(openLog(directory).log, 1_000_000)).toHaveLength(30_001)
})

/** A file system of one mebibyte in memory, or `undefined` where the system does not let us mount one. */
function mountSmallDisk(): string | undefined {
  const directory = newDirectory()
  const mount = ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory]
  if (spawnSync('mount', mount).status !== 0) return undefined
  atEnd(() => spawnSync('umount', ['--lazy', directory]))
  return directory
}

/** Takes all the room. @returns What gives it back. */
function fill(directory: string): () => void {
  const path = join(directory, 'ballast')
  const file = openSync(path, 'w')
  for (const block of [65_536, 4096].map((size) => Buffer.alloc(size))) {
    try {
      while (writeSync(file, block) === block.length);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
  return () => rmSync(path)
}

it.for(['always', 'interval', 'os'] as const)(
  'refuses events while the disk is full, loses none that it took, and takes them again when there is room (%s)',
  async (fsync, { skip }) => {
    const disk = mountSmallDisk()
    if (!disk) return skip('a small file system cannot be mounted here')
    const directory = join(disk, 'queue')
    let nowMs = 0
    const { log, failures } = openLog(directory, {
      fsync,
      segmentBytes: 20_000,
      platform: { monotonicMs: () => nowMs },
    })
    const taken: { name: string; ref: object }[] = []
    const unread: string[] = []
    let count = 0
    /** Appends events, every third for the disk alone. */
    const append = async (events: number) => {
      for (let i = 0; i < events; i++) {
        const name = String(count++)
        const isLoaded = count % 3 !== 0
        const ref = log.append(event(name, 300), isLoaded)
        if (ref && isLoaded) taken.push({ name, ref })
        if (ref && !isLoaded) unread.push(name)
        if (i % 10 === 9) await nextTask()
      }
    }
    await append(50)
    expect(log.stats().refused).toBe(0)
    const free = fill(disk)
    await append(200)
    const { refused } = log.stats()
    expect(refused).toBeGreaterThan(100)
    expect(failures).toEqual([expect.stringContaining('ENOSPC')])
    // It does not try at every event, but now and then.
    nowMs += 1500
    await append(20)
    expect(log.stats().refused).toBe(refused + 20)
    expect(failures).toHaveLength(1)
    // What only the disk should hold comes back all the same.
    const half = (await log.read(10_000)).map(({ ref, json }) => ({ ref, name: nameOf(json) }))
    log.end(half.map(({ ref }) => ref))
    const ended = new Set(half.map(({ name }) => name))
    free()
    nowMs += 1500
    await append(50)
    await log.synced()
    expect(log.stats().refused).toBe(refused + 20)
    // And all that was ever taken is there for the next process.
    await log.close()
    const due = [...taken.map(({ name }) => name), ...unread].filter((name) => !ended.has(name))
    const next = openLog(directory)
    const found = await readNames(next.log)
    expect(found.toSorted()).toEqual(due.toSorted())
    expect(next.failures).toEqual([])
  },
)

it('gives a full disk its room back by what ends', async ({ skip }) => {
  const disk = mountSmallDisk()
  if (!disk) return skip('a small file system cannot be mounted here')
  let nowMs = 0
  const { log } = openLog(join(disk, 'queue'), {
    fsync: 'always',
    segmentBytes: 50_000,
    platform: { monotonicMs: () => nowMs },
  })
  const refs: object[] = []
  for (;;) {
    const ref = log.append(event(refs.length, 1000), true)
    if (!ref) break
    refs.push(ref)
  }
  expect(refs.length).toBeGreaterThan(500)
  log.end(refs.splice(0, refs.length / 2))
  nowMs += 1100
  for (let i = 0; i < 100; i++) expect(log.append(event(i, 1000), true)).toBeDefined()
  log.end(refs)
  expect(await readAll(log)).toEqual([])
})

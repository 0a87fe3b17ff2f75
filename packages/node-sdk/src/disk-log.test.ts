import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import {
  event,
  listFiles,
  nameOf,
  newDirectory,
  nextTask,
  openLog,
  readAll,
  readNames,
} from '../test/log.ts'

/** The text of all segments. */
function textOf(directory: string): string {
  return listFiles(directory, /\d\.log$/)
    .map((file) => readFileSync(file, 'utf8'))
    .join('')
}

it('hands all appends of a task to the kernel when the task has ended, behind its promises', async () => {
  const directory = newDirectory()
  const { log } = openLog(directory)
  let written: string | undefined
  setImmediate(async () => {
    for (let i = 0; i < 3; i++) {
      log.append(event(i), true)
      await Promise.resolve()
    }
    written = textOf(directory)
  })
  await expect.poll(() => written).toBe('')
  await nextTask()
  expect(textOf(directory).match(/"event":"\d"/g)).toHaveLength(3)
})

it('has an event in the file when append returns, under the policy "always"', () => {
  const directory = newDirectory()
  const { log } = openLog(directory, { fsync: 'always' })
  for (let i = 0; i < 3; i++) {
    log.append(event(i), true)
    expect(textOf(directory)).toContain(`"event":"${i}"`)
  }
})

it.for(['always', 'interval', 'os'] as const)(
  'tells when everything is safe (%s)',
  async (fsync) => {
    const directory = newDirectory()
    const { log } = openLog(directory, { fsync })
    await log.synced()
    log.append(event('a'), true)
    await log.synced()
    expect(textOf(directory)).toContain('"event":"a"')
  },
)

it('reads what is not loaded, oldest first and each once, also what is not written yet', async () => {
  const { log } = openLog(newDirectory(), { segmentBytes: 500 })
  for (let i = 0; i < 20; i++) log.append(event(i, 100), i % 4 === 0)
  const first = await log.read(1)
  expect(first.map(({ json }) => nameOf(json))).toEqual(['1'])
  for (let i = 20; i < 24; i++) log.append(event(i), false)
  const due = Array.from({ length: 24 }, (_, i) => String(i))
  expect(await readNames(log)).toEqual(due.filter((_, i) => i > 1 && (i % 4 !== 0 || i >= 20)))
  expect(log.stats().unread).toEqual({ events: 0, bytes: 0 })
  expect(await log.read(1000)).toEqual([])
})

it('gives room back as events end, and leaves nothing behind when all have', async () => {
  const directory = newDirectory()
  const { log } = openLog(directory, { segmentBytes: 2000 })
  const refs = Array.from({ length: 100 }, (_, i) => log.append(event(i, 200), true) as object)
  await log.synced()
  const { bytes } = log.stats()
  expect(listFiles(directory, /\d\.log$/).length).toBeGreaterThan(10)
  log.end(refs.slice(0, 90))
  // A second time counts for nothing.
  log.end(refs.slice(0, 90))
  await nextTask()
  expect(log.stats().bytes).toBeLessThan(bytes / 5)
  expect(listFiles(directory, /\d\.log$/).length).toBeLessThan(5)
  log.end(refs)
  await log.close()
  expect(existsSync(directory)).toBe(true)
  expect(listFiles(directory, /./)).toEqual([])
})

it('writes the mark of an outcome once, however often it is told', async () => {
  const directory = newDirectory()
  const { log } = openLog(directory)
  const refs = Array.from({ length: 10 }, (_, i) => log.append(event(i), true) as object)
  for (let i = 1; i < 10; i++) {
    log.end(refs.slice(0, i))
    await nextTask()
  }
  const [file] = listFiles(directory, /\.ended$/) as [string]
  const marks = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  expect(marks).toHaveLength(9)
  await log.close()
  expect(await readNames(openLog(directory).log)).toEqual(['9'])
})

it('refuses what goes beyond its bytes, says so once, and takes events again when there is room', () => {
  const { log, failures } = openLog(newDirectory(), { maxBytes: 1000, segmentBytes: 400 })
  const refs = Array.from({ length: 20 }, (_, i) => log.append(event(i, 100), true))
  const taken = refs.filter((ref) => ref !== undefined)
  expect(log.stats()).toMatchObject({ refused: 20 - taken.length })
  expect(log.stats().bytes).toBeLessThanOrEqual(1000)
  expect(failures).toEqual(['The queue on disk is full: 1000 bytes.'])
  log.end(taken)
  expect(log.append(event('later', 100), true)).toBeDefined()
  expect(failures).toHaveLength(1)
})

it('takes an event with newlines between its tokens', async () => {
  const { log } = openLog(newDirectory())
  log.append(JSON.stringify({ event: 'a', properties: { text: '\n' } }, undefined, 2), false)
  expect((await readAll(log)).map(({ json }) => JSON.parse(json))).toEqual([
    { event: 'a', properties: { text: '\n' } },
  ])
})

it('goes without a disk where there is none, says so once, and goes on when there is one', async () => {
  const directory = join(newDirectory(), 'queue')
  writeFileSync(directory, '')
  let nowMs = 0
  const { log, failures } = openLog(directory, { platform: { monotonicMs: () => nowMs } })
  for (let i = 0; i < 3; i++) expect(log.append(event(i), true)).toBeUndefined()
  expect(log.stats().refused).toBe(3)
  expect(failures).toEqual([expect.stringContaining('EEXIST')])
  rmSync(directory)
  expect(log.append(event('soon'), true)).toBeUndefined()
  nowMs += 1000
  expect(log.append(event('later'), true)).toBeDefined()
  await log.synced()
  expect(textOf(directory)).toContain('later')
})

it('sets damaged records aside in a file, tells of each once, and reads those around them', async () => {
  const directory = newDirectory()
  const first = openLog(directory)
  for (let i = 0; i < 5; i++) first.log.append(event(i), true)
  await first.log.close()
  const [file] = listFiles(directory, /\d\.log$/) as [string]
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('"event":"2"', '"event":"?"'))
  const second = openLog(directory)
  expect(await readNames(second.log)).toEqual(['0', '1', '3', '4'])
  expect(second.log.stats().corrupt).toBe(1)
  expect(second.failures).toEqual([expect.stringContaining('set aside')])
  const aside = readFileSync(join(directory, 'corrupt.log'), 'utf8')
  expect(aside).toMatch(/^# \S+ \d+-\d+\n[0-9a-f]{8} \{"event":"\?",/)
  await second.log.close()
  // Nothing has ended: all comes again, but not the damage.
  const third = openLog(directory)
  expect(await readNames(third.log)).toEqual(['0', '1', '3', '4'])
  expect(third.log.stats().corrupt).toBe(0)
  expect(readFileSync(join(directory, 'corrupt.log'), 'utf8')).toBe(aside)
})

it('counts and reports what was damaged while it was open', async () => {
  const directory = newDirectory()
  const { log, failures } = openLog(directory)
  for (let i = 0; i < 3; i++) log.append(event(i), false)
  await log.synced()
  const [file] = listFiles(directory, /\d\.log$/) as [string]
  writeFileSync(file, readFileSync(file, 'utf8').replace('"event":"1"', '"event":"?"'))
  expect(await readNames(log)).toEqual(['0', '2'])
  expect(log.stats()).toMatchObject({ corrupt: 1, unread: { events: 0, bytes: 0 } })
  expect(failures).toHaveLength(1)
})

it('keeps everything when it is closed before it has looked at what others have left', async () => {
  const directory = newDirectory()
  const first = openLog(directory, { segmentBytes: 5000 })
  for (let i = 0; i < 300; i++) first.log.append(event(i, 300), true)
  await first.log.close()
  for (let i = 0; i < 5; i++) {
    const { log } = openLog(directory)
    await sleep(i)
    await log.close()
  }
  expect(await readNames(openLog(directory).log)).toHaveLength(300)
})

it('tells of a folder that was removed, and goes on in another', async () => {
  const directory = newDirectory()
  const { log, failures } = openLog(directory, { platform: { lookEveryMs: 10 } })
  const lost = log.append(event('lost'), true) as object
  await log.synced()
  rmSync(directory, { recursive: true })
  await sleep(100)
  expect(failures).toEqual([expect.stringContaining('has gone')])
  log.end([lost])
  log.append(event('later'), true)
  await log.synced()
  expect(textOf(directory)).toContain('later')
})

it('leaves an open log alone, and takes over one that is closed', async () => {
  const directory = newDirectory()
  const first = openLog(directory)
  first.log.append(event('first'), true)
  let found = 0
  const second = openLog(directory, {
    platform: { lookEveryMs: 10 },
    onUnread: () => {
      found++
    },
  })
  await first.log.synced()
  await sleep(60)
  expect(await second.log.read(1000)).toEqual([])
  await first.log.close()
  await expect.poll(() => found).toBe(1)
  expect(second.log.stats().unread.events).toBe(1)
  expect(await readNames(second.log)).toEqual(['first'])
})

it('knows the living from the dead where the path is too long for a socket', async () => {
  const directory = relative('.', join(newDirectory(), 'a'.repeat(100), 'b'.repeat(100)))
  const first = openLog(directory)
  first.log.append(event('first'), true)
  await first.log.synced()
  expect(listFiles(directory, /\.sock$/)).toHaveLength(1)
  // Without the socket, it would have to wait.
  const second = openLog(directory)
  expect(await second.log.read(1000)).toEqual([])
  await first.log.close()
  expect(await readNames(openLog(directory).log)).toEqual(['first'])
})

it('believes a lease where no socket can be asked: one that is renewed, but not one that has stopped', async () => {
  const directory = newDirectory()
  const living = openLog(directory, { platform: { lookEveryMs: 10 } })
  living.log.append(event('living'), true)
  const dead = openLog(directory)
  dead.log.append(event('dead'), true)
  await Promise.all([living.log.synced(), dead.log.synced()])
  // Their sockets are of another kernel: that of a virtual machine, say, or of this one before it was started anew.
  for (const socket of listFiles(directory, /\.sock$/)) {
    renameSync(socket, socket.replace(/owner-\w+/, 'owner-ffffffff'))
  }
  const third = openLog(directory, { platform: { lookEveryMs: 10, maxLeaseMs: 150 } })
  await expect.poll(() => third.log.stats().unread.events).toBe(1)
  expect(await readNames(third.log)).toEqual(['dead'])
  await sleep(200)
  expect(await third.log.read(1000)).toEqual([])
})

it('removes what a process has left that was killed while it made its folder', async () => {
  const directory = newDirectory()
  mkdirSync(join(directory, '000000000-00000000.new'))
  utimesSync(join(directory, '000000000-00000000.new'), 0, 0)
  const { log } = openLog(directory)
  await log.read(1)
  expect(listFiles(directory, /./)).toEqual([])
})

it('takes nothing any more when it is closed, and lets nobody wait', async () => {
  const { log, failures } = openLog(newDirectory())
  log.append(event('a'), false)
  const synced = log.synced()
  await Promise.all([log.close(), log.close(), synced])
  expect(log.append(event('b'), true)).toBeUndefined()
  expect(await log.read(1000)).toEqual([])
  await log.synced()
  expect(failures).toEqual([])
})

import { profileIdOf, resolveConfiguration } from '@tributary/identity'
import { afterEach, expect, test } from 'vitest'
import { ADMIN, batch, bindings, exportedLines, forgetAll, post, track } from '../test-client.ts'
import { fileLines, readableFiles } from './adapters/lake-files.ts'
import { compactDay, emptyReport } from './compact-day.ts'
import { createFilter, type Removal } from './core/removal.ts'
import { emptyLakeRemoval, removeFromDay } from './remove-from-lake.ts'

const { LAKE } = bindings
const TODAY = new Date().toISOString().slice(0, 10)
const RULES = resolveConfiguration()

afterEach(forgetAll)

async function store(ids: readonly string[]): Promise<void> {
  await post(
    '/v1/batch',
    batch(
      'wk_open',
      ids.map((id) => track(id, { anonymousId: `a-${id}` })),
    ),
  )
  await post('/api/drain', '', ADMIN)
}

async function storedIds(): Promise<string[]> {
  const ids = (await exportedLines()).map((line) => JSON.parse(line).messageId as string)
  return ids.sort()
}

function removal(more: Partial<Removal>): Removal {
  return { events: [], refused: [], suppressed: [], ...more }
}

async function remove(kind: 'events' | 'quarantine', what: Partial<Removal>) {
  const removed = emptyLakeRemoval()
  const filter = createFilter(removal(what), RULES)
  await removeFromDay(LAKE, kind, 'open', TODAY, filter, Date.now, removed)
  return removed
}

const removeEvents = (ids: readonly string[]) =>
  remove('events', {
    events: ids.map((messageId) => {
      const lead = profileIdOf({ key: `anonymousId:a-${messageId}` })
      return { source: 'open', messageId, lead }
    }),
  })

/** Everything in the lake that inflates or is Parquet, as text. */
async function everyByte(): Promise<string> {
  const texts: string[] = []
  for (const { key } of (await LAKE.list()).objects) {
    const object = await LAKE.get(key)
    if (!object) continue
    if (key.endsWith('.gz')) {
      const inflated = object.body.pipeThrough(new DecompressionStream('gzip'))
      texts.push(await new Response(inflated).text())
    } else if (key.endsWith('.parquet')) {
      const times = { firstReceivedAt: '', lastReceivedAt: '' }
      for await (const lines of fileLines(LAKE, { key, events: 0, bytes: 0, ...times })) {
        texts.push(...lines)
      }
    } else texts.push(await object.text())
  }
  return texts.join('\n')
}

test('events go from objects and from Parquet, and all others stay, each once', async () => {
  await store(['m1', 'm2', 'm3'])
  await post(`/api/compact?date=${TODAY}&graceSeconds=0`, '', ADMIN)
  await store(['m4', 'm5', 'm6'])
  expect(await removeEvents(['m2', 'm5', 'not-there'])).toMatchObject({
    lakeEvents: 1,
    parquetEvents: 1,
  })
  expect(await storedIds()).toEqual(['m1', 'm3', 'm4', 'm6'])
  expect(await everyByte()).not.toMatch(/a-m[25]/)
  expect(await removeEvents(['m2', 'm5'])).toEqual(emptyLakeRemoval())
})

test('a day of which nothing is left is read and compacted like any other', async () => {
  await store(['m1'])
  await removeEvents(['m1'])
  expect(await storedIds()).toEqual([])
  await post(`/api/compact?date=${TODAY}&graceSeconds=0`, '', ADMIN)
  expect(await storedIds()).toEqual([])
  await store(['m2'])
  expect(await storedIds()).toEqual(['m2'])
})

test('whatever step a compaction is at, a removal loses nothing else and nothing comes back', async () => {
  const all = Array.from({ length: 4 }, (_, index) => `m${index}`)
  const left = all.slice(1)
  for (let at = 0; ; at++) {
    await forgetAll()
    for (const id of all) await store([id])
    const steps = compactDay(LAKE, 'open', TODAY, 0, Date.now, emptyReport())
    let done: boolean | undefined = false
    for (let step = 0; step < at && !done; step++) done = (await steps.next()).done
    await removeEvents(['m0'])
    expect(await storedIds()).toEqual(left)
    for (let isOver = done; !isOver; isOver = (await steps.next()).done) {
      expect(await storedIds()).toEqual(left)
    }
    // Once more: the one that was under way may have been refused its commit.
    await post(`/api/compact?date=${TODAY}&graceSeconds=0`, '', ADMIN)
    expect(await storedIds()).toEqual(left)
    expect(await everyByte()).not.toContain('a-m0')
    if (done) break
  }
})

test('a compaction that has read a day before a removal cannot commit what it read', async () => {
  await store(['m1'])
  await store(['m2'])
  let hasRemoved = false
  // The lake as a compaction sees it that is held up between its reading and its writing.
  const slow = new Proxy(LAKE, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (name !== 'put') return typeof member === 'function' ? member.bind(target) : member
      return async (...args: Parameters<R2Bucket['put']>) => {
        if (!hasRemoved) {
          hasRemoved = true
          await removeEvents(['m1'])
        }
        return target.put(...args)
      }
    },
  })
  const outcome = await compactDay(slow, 'open', TODAY, 0, Date.now, emptyReport()).next()
  expect(outcome).toEqual({ done: true, value: 'conflict' })
  expect(await storedIds()).toEqual(['m2'])
  // Its file is there, and counts for nothing; the next removal takes it away.
  expect(await everyByte()).toContain('a-m1')
  await removeEvents(['m1'])
  expect(await everyByte()).not.toContain('a-m1')
  await post(`/api/compact?date=${TODAY}&graceSeconds=0`, '', ADMIN)
  expect(await storedIds()).toEqual(['m2'])
  expect(await readableFiles(LAKE, 'events', 'open', TODAY)).toHaveLength(1)
})

import { abortAllDurableObjects, reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { CollectorEnv } from '../env.ts'
import { MAX_PROFILE_LAG_BYTES, PROFILE_FEED_TIMEOUT_MS } from '../limits.ts'
import { APPEND_OUTCOMES, type JournalItem, packRequest } from './append.ts'

const { JOURNAL, LAKE, PROFILES } = env as unknown as CollectorEnv

afterEach(async () => {
  await reset()
  // reset() leaves the bucket alone where the objects were aborted before.
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

function journal() {
  return JOURNAL.getByName('journal-0')
}

function item(id: number, content = 1, bucket = 500_000): JournalItem {
  return {
    line: JSON.stringify({ messageId: `m${id}`, content, receivedAt: '2026-11-22T00:00:00.000Z' }),
    fingerprint: { id: BigInt(id), content: BigInt(content), bucket },
  }
}

const NOON = Date.parse('2026-11-22T12:00:00Z')

function append(items: JournalItem[], receivedAt = NOON) {
  return journal().append(packRequest({ shard: 0, source: 'web', receivedAt, requests: 1 }, items))
}

async function outcomes(items: JournalItem[]) {
  const answer = await append(items)
  return answer.ok
    ? Array.from(answer.outcomes, (outcome) => APPEND_OUTCOMES[outcome])
    : answer.reason
}

async function lakeKeys() {
  return (await LAKE.list()).objects.map(({ key }) => key)
}

async function lakeLines() {
  const lines: string[] = []
  for (const key of await lakeKeys()) {
    const body = (await LAKE.get(key))?.body as ReadableStream
    const text = await new Response(body.pipeThrough(new DecompressionStream('gzip'))).text()
    lines.push(...text.trimEnd().split('\n'))
  }
  return lines
}

describe('append', () => {
  test('accepts what is new, tells repeats and conflicts', async () => {
    expect(await outcomes([item(1), item(2), item(1), item(2, 9)])).toEqual([
      'accepted',
      'accepted',
      'duplicate',
      'conflict',
    ])
    expect(await outcomes([item(1), item(2, 9), item(3)])).toEqual([
      'duplicate',
      'conflict',
      'accepted',
    ])
  })

  test('writes one row however many events a call has, and none for repeats', async () => {
    const items = Array.from({ length: 100 }, (_, index) => item(index + 1))
    await append(items)
    await append(items)
    await runInDurableObject(journal(), (_, { storage }) => {
      expect(storage.sql.exec('SELECT count(*) AS rows FROM appended').one()).toEqual({ rows: 1 })
    })
  })

  test('splits what would exceed the limit of a row, and keeps the order', async () => {
    const large = (id: number) => ({
      ...item(id),
      line: JSON.stringify({ id, pad: 'é'.repeat(300_000) }),
    })
    expect(await outcomes([large(1), large(2), large(3)])).toEqual(Array(3).fill('accepted'))
    await journal().drainAll()
    expect((await lakeLines()).map((line) => JSON.parse(line).id)).toEqual([1, 2, 3])
  })

  test('commits together what comes together, in one row a source', async () => {
    const of = (source: string, id: number) =>
      journal().append(packRequest({ shard: 0, source, receivedAt: NOON, requests: 1 }, [item(id)]))
    const answers = await Promise.all([of('web', 1), of('web', 2), of('app', 3), of('web', 1)])
    const told = answers.map((answer) => answer.ok && APPEND_OUTCOMES[answer.outcomes[0] as number])
    expect(told).toEqual(['accepted', 'accepted', 'accepted', 'duplicate'])
    await runInDurableObject(journal(), (_, { storage }) => {
      const rows = storage.sql.exec('SELECT source FROM appended ORDER BY seq').toArray()
      expect(rows).toEqual([{ source: 'web' }, { source: 'app' }])
    })
  })

  test('keeps the dates of arrival apart that one commit spans', async () => {
    const midnight = Date.parse('2026-11-23T00:00:00.000Z')
    await Promise.all([append([item(1)], midnight - 1), append([item(2)], midnight)])
    await journal().drainAll()
    expect((await lakeKeys()).map((key) => /date=([^/]+)/.exec(key)?.[1])).toEqual([
      '2026-11-22',
      '2026-11-23',
    ])
  })

  test('answers nobody and remembers nothing where the commit fails', async () => {
    await append([item(1)])
    await runInDurableObject(journal(), async (instance, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON appended BEGIN SELECT RAISE(ABORT, 'disk full'); END",
      )
      const request = { shard: 0, source: 'web', receivedAt: NOON, requests: 1 }
      const calls = [item(2), item(3)].map((one) => instance.append(packRequest(request, [one])))
      const results = await Promise.allSettled(calls)
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      storage.sql.exec('DROP TRIGGER full')
    })
    expect(await outcomes([item(1), item(2), item(3)])).toEqual([
      'duplicate',
      'accepted',
      'accepted',
    ])
    const { tally } = await journal().stats()
    expect(tally.sources.web).toEqual({ accepted: 3, duplicates: 1, quarantined: {} })
  })

  test('a first commit that fails leaves the next one to name the journal', async () => {
    await runInDurableObject(journal(), async (instance, { storage }) => {
      storage.sql.exec(
        "CREATE TRIGGER full BEFORE INSERT ON appended BEGIN SELECT RAISE(ABORT, 'disk full'); END",
      )
      const request = { shard: 0, source: 'web', receivedAt: NOON, requests: 1 }
      await expect(instance.append(packRequest(request, [item(1)]))).rejects.toThrow()
      storage.sql.exec('DROP TRIGGER full')
    })
    await append([item(1)])
    await abortAllDurableObjects()
    await journal().drainAll()
    expect(await lakeKeys()).toEqual([expect.stringMatching(/\/0-[0-9a-f]{16}-0{11}1-0{11}1\./)])
  })

  test('keeps rows within the platform’s limit, however long their streams are called', async () => {
    const named = (id: number): JournalItem => ({
      ...item(id),
      delivery: { stream: `${'\u0001'.repeat(120)}${id}`, seq: 0 },
    })
    const requests = Array.from({ length: 6 }, (_, request) =>
      Array.from({ length: 600 }, (_, index) => named(request * 1000 + index + 1)),
    )
    const answers = await Promise.all(requests.map((items) => append(items)))
    expect(answers.map(({ ok }) => ok)).toEqual(Array(6).fill(true))
    await journal().drainAll()
    expect((await journal().stats()).deliveries.web).toEqual({
      streams: 3600,
      created: 3600,
      received: 3600,
    })
  })

  test('what only tells of streams that have ended is counted and drained too', async () => {
    await append([item(1)])
    await journal().drainAll()
    const facts = { shard: 0, source: 'web', receivedAt: NOON, requests: 1 }
    const endedStreams = [{ stream: 'größer 🙂', lastSeq: 6 }]
    await journal().append(packRequest({ ...facts, endedStreams }, [item(1)]))
    const { backlog } = await journal().stats()
    expect(backlog).toMatchObject({ rows: 1, setAside: 0 })
    expect(backlog.bytes).toBeGreaterThan(0)
    await runInDurableObject(journal(), async (_, { storage }) => {
      expect(await storage.getAlarm()).not.toBeNull()
    })
    await journal().drainAll()
    expect(await journal().stats()).toMatchObject({
      backlog: { rows: 0, bytes: 0 },
      deliveries: { web: { streams: 1, created: 7, received: 0 } },
    })
  })

  test('a repeat’s streams take no room', async () => {
    const delivery = { stream: 'a stream with a name of its own', seq: 0 }
    await append([{ ...item(1), delivery }])
    await append([
      { ...item(1), delivery },
      { ...item(2), delivery: { stream: 'another', seq: 4 } },
    ])
    await runInDurableObject(journal(), (_, { storage }) => {
      const rows = storage.sql.exec<{ streams: string }>('SELECT streams FROM appended').toArray()
      expect(rows.at(-1)?.streams).toBe('[["another"],[]]')
    })
    await journal().drainAll()
    expect((await journal().stats()).deliveries.web).toEqual({
      streams: 2,
      created: 6,
      received: 2,
    })
  })

  test('remembers across an eviction, drained or not', async () => {
    await append([item(1)])
    await journal().drainAll()
    await append([item(2)])
    await abortAllDurableObjects()
    expect(await outcomes([item(1), item(2), item(1, 9), item(3)])).toEqual([
      'duplicate',
      'duplicate',
      'conflict',
      'accepted',
    ])
  })

  test('remembers many hours and many events of one hour', async () => {
    const spread = Array.from({ length: 300 }, (_, index) => item(index + 1, 1, 400_000 + index))
    const dense = Array.from({ length: 2000 }, (_, index) => item(10_000 + index, 1, 500_001))
    await append([...spread, ...dense])
    await journal().drainAll()
    await append([item(9_999, 1, 500_001)])
    await journal().drainAll()
    await abortAllDurableObjects()
    const again = await outcomes([...spread, ...dense, item(9_999, 1, 500_001)])
    expect(new Set(again)).toEqual(new Set(['duplicate']))
  })
})

describe('drain', () => {
  test('files events and quarantine by source and date, and empties the journal', async () => {
    await append([item(1), { ...item(2), quarantineCode: 'unknown_type' }])
    await append([item(3)], Date.parse('2026-11-23T00:00:00Z'))
    await journal().drainAll()
    const name = '0-[0-9a-f]{16}'
    expect((await lakeKeys()).map((key) => key.replace(new RegExp(name), 'J'))).toEqual([
      'events/source=web/date=2026-11-22/J-000000000001-000000000002.ndjson.gz',
      'events/source=web/date=2026-11-23/J-000000000001-000000000002.ndjson.gz',
      'quarantine/source=web/date=2026-11-22/J-000000000001-000000000002.ndjson.gz',
    ])
    const { backlog, tally } = await journal().stats()
    expect(backlog).toEqual({
      rows: 0,
      bytes: 0,
      oldestReceivedAt: undefined,
      setAside: 0,
      unprofiled: 0,
      owed: 0,
    })
    expect(tally.sources.web).toEqual({
      accepted: 2,
      duplicates: 0,
      quarantined: { unknown_type: 1 },
    })
  })

  test('goes on numbering after everything is drained', async () => {
    await append([item(1)])
    await journal().drainAll()
    await abortAllDurableObjects()
    await append([item(2)])
    await journal().drainAll()
    expect(await lakeKeys()).toHaveLength(2)
  })

  // Each step of a drain is cut off once: the lake answers, or not, and then the object is gone.
  const faults = {
    'before the first put': { failBefore: 1 },
    'after the first put, before its answer': { failAfter: 1 },
    'after the first put, before the second': { failBefore: 2 },
    'after the last put, before the commit': { failAfter: 2 },
  }
  test.for(Object.entries(faults))('cut off %s ends the same', async ([, fault]) => {
    await append([item(1), { ...item(2), quarantineCode: 'unknown_type' }])
    await runInDurableObject(journal(), async (instance) => {
      const bindings = (instance as unknown as { env: CollectorEnv }).env
      let puts = 0
      const faulty = new Proxy(bindings.LAKE, {
        get(bucket, name) {
          if (name !== 'put') return Reflect.get(bucket, name).bind(bucket)
          return async (...call: Parameters<R2Bucket['put']>) => {
            puts += 1
            if ('failBefore' in fault && fault.failBefore === puts) throw new Error('cut off')
            const done = await bucket.put(...call)
            if ('failAfter' in fault && fault.failAfter === puts) throw new Error('cut off')
            return done
          }
        },
      })
      Object.defineProperty(instance, 'env', { value: { ...bindings, LAKE: faulty } })
      await expect(instance.drainAll()).rejects.toThrow('cut off')
    })
    await abortAllDurableObjects()
    await append([item(3)])
    await journal().drainAll()
    const ids = (await lakeLines()).map((line) => JSON.parse(line).messageId)
    expect(ids.sort()).toEqual(['m1', 'm2', 'm3'])
    expect(await outcomes([item(1), item(2), item(3)])).toEqual(Array(3).fill('duplicate'))
  })

  test('a row that cannot be read holds up nothing, stays, and goes once it can be', async () => {
    await append([item(1)])
    await append([item(2)])
    await append([item(3)])
    const date = (value: number) =>
      runInDurableObject(journal(), (_, { storage }) => {
        storage.sql.exec('UPDATE appended SET firstReceivedAt = ? WHERE seq = 2', value)
      })
    await date(9e15)
    await journal().drainAll()
    expect((await lakeLines()).map((line) => JSON.parse(line).messageId)).toEqual(['m1', 'm3'])
    expect((await journal().stats()).backlog).toMatchObject({ rows: 1, setAside: 1 })
    const listing = await journal().list('events', {}, { limit: 10, maxLength: 1000 })
    expect(listing.records).toHaveLength(1)

    await date(NOON)
    await abortAllDurableObjects()
    expect(await outcomes([item(2)])).toEqual(['duplicate'])
    await runInDurableObject(journal(), (instance) => instance.alarm())
    const ids = (await lakeLines()).map((line) => JSON.parse(line).messageId)
    expect(ids.sort()).toEqual(['m1', 'm2', 'm3'])
    expect((await journal().stats()).backlog).toMatchObject({
      rows: 0,
      bytes: 0,
      setAside: 0,
      unprofiled: 0,
      owed: 0,
    })
    expect(await outcomes([item(2)])).toEqual(['duplicate'])
  })

  test('takes over the rows of the first layout', async () => {
    await append([item(1)])
    await runInDurableObject(journal(), (_, { storage }) => {
      storage.sql.exec(`
        CREATE TABLE journal (seq INTEGER PRIMARY KEY, source TEXT, receivedAt INTEGER, events BLOB,
          quarantine BLOB, fingerprints BLOB, tally TEXT);
        INSERT INTO journal SELECT seq + 1, source, firstReceivedAt, CAST('{"messageId":"old"}' || char(10) AS BLOB),
          x'', x'', '{"sources":{},"operations":{"requests":1}}' FROM appended;`)
    })
    await abortAllDurableObjects()
    await journal().drainAll()
    expect((await lakeLines()).map((line) => JSON.parse(line).messageId)).toEqual(['m1', 'old'])
  })

  test('a lost alarm is set again by the cron', async () => {
    await append([item(1)])
    await runInDurableObject(journal(), async (instance, { storage }) => {
      await storage.deleteAlarm()
      await instance.tick()
      expect(await storage.getAlarm()).toBeGreaterThan(0)
    })
  })

  test('profiles that never answer hold rows back only up to a bound; then their days are read from the lake', async () => {
    const filler = 'x'.repeat(1024 * 1024)
    const large = (id: number): JournalItem => {
      const receivedAt = '2026-11-22T00:00:00.000Z'
      const line = { type: 'page', anonymousId: 'a', messageId: `m${id}`, receivedAt, filler }
      return {
        line: JSON.stringify({ ...line, source: 'web', timestamp: receivedAt }),
        fingerprint: { id: BigInt(id), content: 1n, bucket: 500_000 },
      }
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await runInDurableObject(journal(), (instance) => {
      const bindings = (instance as unknown as { env: CollectorEnv }).env
      const silent = { getByName: () => ({ feed: () => new Promise(() => undefined) }) }
      Object.defineProperty(instance, 'env', { value: { ...bindings, PROFILES: silent } })
    })
    for (let id = 1; id <= 17; id += 1) await append([large(id)])
    await runInDurableObject(journal(), async (instance) => {
      const drained = instance.drainAll().then(() => 'drained')
      while ((await Promise.race([drained, scheduler.wait(20)])) !== 'drained') {
        await vi.advanceTimersByTimeAsync(PROFILE_FEED_TIMEOUT_MS)
      }
    })
    vi.useRealTimers()
    const { backlog } = await journal().stats()
    expect(backlog).toMatchObject({ rows: backlog.unprofiled, owed: 1 })
    expect(backlog.bytes).toBeLessThan(MAX_PROFILE_LAG_BYTES)

    await abortAllDurableObjects()
    await journal().profileAll()
    expect((await journal().stats()).backlog).toMatchObject({ rows: 0, owed: 0 })
    const profiles = PROFILES?.getByName('profiles-0')
    expect((await profiles?.stats())?.events).toBe(17)
  })

  test('two drains at once write once', async () => {
    await append([item(1)])
    await Promise.all([journal().drainAll(), journal().drainAll(), append([item(2)])])
    await journal().drainAll()
    const ids = (await lakeLines()).map((line) => JSON.parse(line).messageId)
    expect(ids.sort()).toEqual(['m1', 'm2'])
  })
})

describe('stats', () => {
  test('counts survive an eviction once a row has carried them', async () => {
    await append([item(1)])
    await append([item(1)])
    await append([item(2)])
    await abortAllDurableObjects()
    const { tally } = await journal().stats()
    expect(tally.sources.web).toEqual({ accepted: 2, duplicates: 1, quarantined: {} })
    expect(tally.operations.requests).toBe(3)
  })
})

describe('tail', () => {
  const ids = (lines: string[]) => lines.map((line) => JSON.parse(line).messageId)

  test('gives what comes from now on, once, also what a drain takes away meanwhile', async () => {
    await append([item(1)])
    const begin = await journal().readTail(undefined)
    expect(begin.lines).toEqual([])
    await append([item(2), { ...item(9), quarantineCode: 'unknown_type' }])
    await journal().drainAll()
    await append([item(3)])
    const next = await journal().readTail(begin.through)
    expect(ids(next.lines)).toEqual(['m2', 'm3'])
    expect((await journal().readTail(next.through)).lines).toEqual([])
  })

  test('tells a gap instead of passing over it', async () => {
    await append([item(1)])
    const begin = await journal().readTail(undefined)
    await append([item(2)])
    await abortAllDurableObjects()
    await journal().drainAll()
    expect(await journal().readTail(begin.through)).toMatchObject({ isWhole: false })
    expect(await journal().readTail(undefined)).toMatchObject({ isWhole: true })
  })
})

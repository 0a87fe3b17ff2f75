import { abortAllDurableObjects, reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import type { CollectorEnv } from '../env.ts'
import { APPEND_OUTCOMES, type JournalItem, packRequest } from './append.ts'

const { JOURNAL, LAKE } = env as unknown as CollectorEnv

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

function append(items: JournalItem[], receivedAt = Date.parse('2026-11-22T00:00:00Z')) {
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
    expect(backlog).toEqual({ rows: 0, bytes: 0, oldestReceivedAt: undefined, setAside: 0 })
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

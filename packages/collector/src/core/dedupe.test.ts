import type { Json } from '@tributary/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dedupeBucket } from './dedupe-bucket.ts'
import { contentHash, idHash } from './fingerprint.ts'
import { addToParts, findContent, type PackedFingerprints } from './packed-fingerprints.ts'
import { shardKey, shardOf } from './shard.ts'

const contentText = (event: Json) => contentHash(event).toHex()

describe('contentHash', () => {
  const event = { type: 'track', event: 'E', properties: { a: 1, b: [1, { d: 1, c: 2 }] } }

  test('does not depend on the order of keys', () => {
    const { properties, ...rest } = event
    expect(contentText({ properties: { b: properties.b, a: 1 }, ...rest })).toBe(contentText(event))
  })

  test('does not depend on what changes between deliveries', () => {
    const again = {
      ...event,
      sentAt: 'now',
      writeKey: 'k',
      _metadata: { retryCount: 2 },
      context: { delivery: { stream: 's', seq: 1, attempt: 3 } },
    }
    expect(contentText(again)).toBe(contentText({ ...event, context: {} }))
  })

  test.for([
    { event: 'F' },
    { properties: { a: '1', b: event.properties.b } },
    { properties: { a: 1, b: [{ d: 1, c: 2 }, 1] } },
    { context: { ip: '1' } },
    { extra: null },
  ])('%j is other content', (change) => {
    expect(contentText({ ...event, ...change })).not.toBe(contentText(event))
  })
})

describe('hashes', () => {
  test('spread evenly: any half of their bits collides as often as chance has it', () => {
    const count = 1 << 17
    const expected = count ** 2 / 2 ** 33
    for (const shift of [0n, 16n, 32n]) {
      const seen = new Set<bigint>()
      for (let index = 0; index < count; index++) {
        seen.add((idHash('web', `m${index}`).toBigInt() >> shift) & 0xffffffffn)
      }
      expect(count - seen.size).toBeLessThan(expected + 6 * Math.sqrt(expected))
    }
  })

  test('do not run texts together, and differ by seed', () => {
    expect(idHash('ab', 'c').toBigInt()).not.toBe(idHash('a', 'bc').toBigInt())
    expect(contentText(['ab', 'c'])).not.toBe(contentText(['a', 'bc']))
    expect(contentText([[1], 2])).not.toBe(contentText([[1, 2]]))
    expect(contentHash('a', 1).toHex()).not.toBe(contentHash('a').toHex())
  })

  test('equal for equal JSON, whatever the order of its keys, and else not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const reordered = JSON.parse(JSON.stringify(a), (_, value) =>
          value && typeof value === 'object' && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).reverse())
            : value,
        )
        expect(contentText([reordered])).toBe(contentText([a] as Json))
        if (JSON.stringify(a) !== JSON.stringify(b) && !isSameJson(a, b)) {
          expect(contentText([a] as Json)).not.toBe(contentText([b] as Json))
        }
      }),
    )
  })
})

describe('dedupeBucket', () => {
  const hour = (iso: string) => Math.floor(Date.parse(iso) / 3_600_000)

  test('is the hour inside a UUIDv7, whatever the timestamp says', () => {
    const id = '019aa9c8-0000-7abc-8def-0123456789ab'
    const made = 0x019aa9c80000
    expect(dedupeBucket(id, 0, 7n)).toBe(Math.floor(made / 3_600_000))
  })

  test('is the hour of the event where the id has no time', () => {
    expect(dedupeBucket('m1', Date.parse('2026-11-22T10:59:59Z'), 7n)).toBe(
      hour('2026-11-22T10:00:00Z'),
    )
  })

  test('is one of 256 where there is no time, or none that can be', () => {
    expect(dedupeBucket('m1', undefined, 513n)).toBe(1)
    expect(dedupeBucket('m1', -5, 513n)).toBe(1)
    expect(dedupeBucket('m1', 8.64e15, 513n)).toBe(Math.floor(8.64e15 / 3_600_000))
  })
})

describe('packed fingerprints', () => {
  test('find what a Map would find, in parts that keep their limit', () => {
    const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    const chunks = fc.array(fc.array(fc.tuple(id, id), { maxLength: 20 }), { maxLength: 5 })
    fc.assert(
      fc.property(chunks, fc.array(id), fc.integer({ min: 1, max: 9 }), (added, others, max) => {
        const known = new Map<bigint, bigint>()
        let parts: PackedFingerprints[] = []
        for (const chunk of added) {
          const fresh = new Map(chunk.filter(([key]) => !known.has(key)))
          const prints = [...fresh].map(([key, content]) => ({ id: key, content }))
          parts = addToParts(parts, prints, max)
          for (const [key, content] of fresh) known.set(key, content)
        }
        expect(parts.every((part) => part.length / 2 <= max)).toBe(true)
        expect(parts.reduce((sum, part) => sum + part.length / 2, 0)).toBe(known.size)
        for (const key of [...known.keys(), ...others]) {
          const found = parts.map((part) => findContent(part, key)).find((one) => one !== undefined)
          expect(found).toBe(known.get(key))
        }
      }),
    )
  })

  test('a part that does not change stays the same array', () => {
    const first = addToParts([], [{ id: 1n, content: 1n }], 1)
    const second = addToParts(first, [{ id: 2n, content: 2n }], 1)
    expect(second[0]).toBe(first[0])
    expect(second).toHaveLength(2)
  })
})

describe('shards', () => {
  test('follow the ids as the client sent them', () => {
    expect(shardKey('web', { anonymousId: 'a', userId: 'u' }, 'm')).toBe('web\na')
    expect(shardKey('web', { userId: 'u' }, 'm')).toBe('web\nu')
    expect(shardKey('web', {}, 'm')).toBe('web\nm')
  })

  test.for([2, 4, 7, 16])('share the load evenly among %i', (shards) => {
    const counts = Array<number>(shards).fill(0)
    for (let person = 0; person < 8000; person++) {
      const shard = shardOf(`web\nperson-${person}`, shards)
      counts[shard] = (counts[shard] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan((8000 / shards) * 0.8)
    expect(Math.max(...counts)).toBeLessThan((8000 / shards) * 1.2)
  })
})

/** Equal but for the order of keys. */
function isSameJson(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}

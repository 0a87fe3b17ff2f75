import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  emptyManifest,
  inCompactionOrder,
  isCompacted,
  parseManifest,
  withPart,
} from './compaction.ts'

const PART = {
  key: 'p',
  events: 1,
  bytes: 1,
  firstReceivedAt: '2026-11-22T00:00:00.000Z',
  lastReceivedAt: '2026-11-22T00:00:00.000Z',
}

const objects = fc
  .array(fc.record({ journal: fc.constantFrom('0-a', '1-b', '2-c'), time: fc.nat(50) }))
  .map((items) =>
    items.map(({ journal, time }, index) => ({
      kind: 'events' as const,
      source: 'web',
      date: '2026-11-22',
      journal,
      from: index * 10 + 1,
      to: index * 10 + 10,
      firstReceivedAt: new Date(time).toISOString(),
    })),
  )

test('the order keeps the rows of each journal in order, whatever the clock did', () => {
  fc.assert(
    fc.property(objects, (all) => {
      const ordered = inCompactionOrder([...all].reverse())
      expect(ordered).toHaveLength(all.length)
      for (const name of ['0-a', '1-b', '2-c']) {
        const own = (list: typeof all) => list.filter(({ journal }) => journal === name)
        expect(own(ordered)).toEqual(own(all))
      }
    }),
  )
})

test('wherever the order is cut, exactly what came before counts as compacted', () => {
  fc.assert(
    fc.property(objects, fc.nat(), (all, cut) => {
      const ordered = inCompactionOrder(all)
      const count = all.length === 0 ? 0 : cut % (all.length + 1)
      const manifest = withPart(emptyManifest('t'), PART, ordered.slice(0, count), 't')
      const read = parseManifest(JSON.stringify(manifest))
      expect(ordered.map((object) => isCompacted(read, object))).toEqual(
        ordered.map((_, index) => index < count),
      )
    }),
  )
})

test.for(['', 'null', '{}', '{"version":2,"parts":[]}'])('%j is no manifest', (text) => {
  expect(() => parseManifest(text)).toThrow()
})

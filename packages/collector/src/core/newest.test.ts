import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addNewest, type Listed, NOTHING, raiseFloor } from './newest.ts'
import { newestFirst } from './record.ts'

/** Records of some length, at a time each. */
const records = fc.uniqueArray(fc.record({ time: fc.nat(1000), length: fc.nat(20) }), {
  selector: ({ time }) => time,
})

function listed({ time, length }: { time: number; length: number }): Listed {
  const receivedAt = new Date(time).toISOString()
  return { line: 'x'.repeat(length), position: { receivedAt, id: '', owner: '' } }
}

test('however records are divided, the same newest are kept and all older ones are told to be left out', () => {
  fc.assert(
    fc.property(
      fc.array(records, { maxLength: 5 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(60),
      (parts, limit, maxLength) => {
        const all = parts.map((part) => part.map(listed))
        let newest = NOTHING
        for (const part of all) newest = addNewest(newest, part, { limit, maxLength })
        const sorted = all.flat().sort((a, b) => newestFirst(a.position, b.position))
        const kept = newest.records.length
        expect(newest.records).toEqual(sorted.slice(0, kept))
        expect(newest.floor).toEqual(
          kept < sorted.length ? newest.records.at(-1)?.position : undefined,
        )
        expect(kept).toBeLessThanOrEqual(limit)
        expect(kept).toBeGreaterThanOrEqual(Math.min(1, sorted.length))
      },
    ),
  )
})

test('a floor leaves out what is older, and never sinks', () => {
  const three = addNewest(
    NOTHING,
    [1, 2, 3].map((time) => listed({ time, length: 1 })),
    {
      limit: 5,
      maxLength: 100,
    },
  )
  const { position } = listed({ time: 2, length: 1 })
  const raised = raiseFloor(three, position)
  expect(raised.records).toEqual(three.records.slice(0, 2))
  expect(raised.floor).toEqual(position)
  expect(raiseFloor(raised, listed({ time: 1, length: 1 }).position)).toEqual(raised)
  const older = addNewest(raised, [listed({ time: 0, length: 1 })], { limit: 5, maxLength: 100 })
  expect(older).toEqual(raised)
})

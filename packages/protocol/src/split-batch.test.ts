import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitBatch } from './split-batch.ts'

const size = (item: number) => item

test('splits by count and by bytes, in order', () => {
  expect(splitBatch([1, 1, 1], size, { maxEvents: 2, maxBytes: 100 })).toEqual([[1, 1], [1]])
  expect(splitBatch([4, 4, 4], size, { maxEvents: 9, maxBytes: 10 })).toEqual([[4, 4], [4]])
  expect(splitBatch([], size, { maxEvents: 9, maxBytes: 10 })).toEqual([])
})

test('an item that is too large goes alone', () => {
  expect(splitBatch([1, 50, 1], size, { maxEvents: 9, maxBytes: 10 })).toEqual([[1], [50], [1]])
})

test('keeps every item once and every limit', () => {
  const limits = fc.record({ maxEvents: fc.integer({ min: 1, max: 9 }), maxBytes: fc.nat(60) })
  fc.assert(
    fc.property(fc.array(fc.nat(40)), limits, (items, { maxEvents, maxBytes }) => {
      const batches = splitBatch(items, size, { maxEvents, maxBytes })
      expect(batches.flat()).toEqual(items)
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0)
        expect(batch.length).toBeLessThanOrEqual(maxEvents)
        const bytes = batch.reduce((sum, item) => sum + item + 1, 0)
        expect(bytes <= maxBytes || batch.length === 1).toBe(true)
      }
    }),
  )
})

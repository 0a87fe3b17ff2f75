import { expect, it } from 'vitest'
import { entry } from '../../test/entry.ts'
import { createLanes, type Entry, laneOf } from './lanes.ts'

const limits = { maxEvents: 100, maxBytes: 1e6 }

function orders(entries: readonly Entry[] = []): number[] {
  return entries.map(({ order }) => order)
}

function filled(...lanesInOrder: number[]) {
  const lanes = createLanes()
  for (const [order, lane] of lanesInOrder.entries()) lanes.push(entry({ lane, order }))
  return lanes
}

it('gives everything in order when nothing is held', () => {
  const lanes = filled(3, 1, 3, 2, 1)
  const taken = lanes.take(limits)
  expect(orders(taken?.entries)).toEqual([0, 1, 2, 3, 4])
  expect(taken?.lanes.toSorted((a, b) => a - b)).toEqual([1, 2, 3])
  expect(lanes.free).toBe(0)
  expect(lanes.take(limits)).toBeUndefined()
})

it('holds the lanes of what is taken, and gives those of others', () => {
  const lanes = filled(1, 1, 2, 1)
  const first = lanes.take({ ...limits, maxEvents: 2 })
  expect(orders(first?.entries)).toEqual([0, 1])
  lanes.push(entry({ lane: 1, order: 4 }))
  expect(orders(lanes.take(limits)?.entries)).toEqual([2])
  expect(lanes.free).toBe(0)
  lanes.release(first?.lanes ?? [])
  expect(lanes.free).toBe(2)
  expect(orders(lanes.take(limits)?.entries)).toEqual([3, 4])
})

it('begins with the lane of the oldest event, and fills up from few lanes', () => {
  const lanes = filled(5, 2, 2, 2, 5, 9)
  const taken = lanes.take({ ...limits, maxEvents: 4 })
  expect(orders(taken?.entries)).toEqual([0, 1, 2, 4])
  expect(taken?.lanes).toEqual([5, 2])
  expect(lanes.oldestFree()?.order).toBe(5)
})

it('keeps to the bytes, but for one event that alone has more', () => {
  const lanes = createLanes()
  for (const [order, bytes] of [9, 9, 9, 50, 9].entries()) lanes.push(entry({ order, bytes }))
  const sizes = [2, 1, 1, 1].map((size) => {
    const taken = lanes.take({ maxEvents: 100, maxBytes: 20 })
    expect(taken?.entries).toHaveLength(size)
    lanes.release(taken?.lanes ?? [])
    return taken?.entries.length
  })
  expect(sizes).toEqual([2, 1, 1, 1])
})

it('takes out what is gone at the front of lanes, held or not', () => {
  const lanes = filled(1, 1, 2, 2, 3)
  const taken = lanes.take({ ...limits, maxEvents: 1 })
  const gone = lanes.shiftWhile(({ order }) => order < 3)
  expect(orders(gone).toSorted((a, b) => a - b)).toEqual([1, 2])
  expect(lanes.free).toBe(2)
  lanes.release(taken?.lanes ?? [])
  expect(orders(lanes.take(limits)?.entries)).toEqual([3, 4])
})

it('stays in order and in number over many rounds of coming and going', () => {
  const lanes = createLanes()
  const seen: number[][] = [[], [], []]
  let order = 0
  let left = 0
  for (let round = 0; round < 2000; round++) {
    for (let i = 0; i < round % 7; i++) lanes.push(entry({ lane: (order * 7) % 3, order: order++ }))
    const taken = lanes.take({ ...limits, maxEvents: (round % 5) + 1 })
    for (const { lane, order: at } of taken?.entries ?? []) seen[lane]?.push(at)
    left += taken?.entries.length ?? 0
    lanes.release(taken?.lanes ?? [])
    expect([lanes.free, lanes.freeBytes]).toEqual([order - left, (order - left) * 10])
  }
  expect(order).toBeGreaterThan(5000)
  for (const ofLane of seen) expect(ofLane).toEqual(ofLane.toSorted((a, b) => a - b))
})

it('spreads users over all lanes', () => {
  const counts = new Map<number, number>()
  for (let i = 0; i < 6400; i++) {
    const lane = laneOf(`01a203dc-038c-765e-a564-${String(i).padStart(12, '0')}`)
    counts.set(lane, (counts.get(lane) ?? 0) + 1)
  }
  expect(counts.size).toBe(64)
  expect(Math.max(...counts.values())).toBeLessThan(200)
})

import { expect, it } from 'vitest'
import { createQueue, type Entry } from './queue.ts'

function entry(seq: number, bytes = 10): Entry {
  return { messageId: `m${seq}`, json: '', bytes, seq, queuedAtMs: 0, callback: undefined }
}

function seqs(entries: Entry[]): number[] {
  return entries.map(({ seq }) => seq)
}

it('is bounded by bytes and takes events again once some have left', () => {
  const queue = createQueue(30)
  expect([0, 1, 2, 3].map((seq) => queue.push(entry(seq)))).toEqual([true, true, true, false])
  queue.replaceFirst(2, [])
  expect(queue.push(entry(3, 20))).toBe(true)
  expect(queue.push(entry(4, 1))).toBe(false)
  expect(seqs(queue.first(9))).toEqual([2, 3])
})

it('keeps events without an outcome at the head, in order', () => {
  const queue = createQueue(1000)
  const entries = [0, 1, 2, 3, 4].map((seq) => entry(seq))
  for (const each of entries) queue.push(each)
  queue.replaceFirst(4, [entries[1], entries[3]] as Entry[])
  expect(seqs(queue.first(9))).toEqual([1, 3, 4])
  expect(queue.size).toBe(3)
  expect(queue.head()?.seq).toBe(1)
})

it('stays in order over many rounds of coming and going', () => {
  const queue = createQueue(1e9)
  let pushed = 0
  let left = 0
  for (let round = 0; round < 2000; round++) {
    for (let i = 0; i < round % 7; i++) queue.push(entry(pushed++))
    const count = Math.min(round % 5, queue.size)
    expect(seqs(queue.first(count))).toEqual(Array.from({ length: count }, (_, i) => left + i))
    queue.replaceFirst(count, [])
    left += count
    expect(queue.size).toBe(pushed - left)
  }
})

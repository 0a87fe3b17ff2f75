import { MAX_KEEPALIVE_BYTES } from '@tributary/protocol'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { memoryStorage } from '../test/memory.ts'
import { byteLength } from './core/entry.ts'
import { openStreams } from './streams.ts'

test('a page tells how far the pages before it had come, until the collector has confirmed it', async () => {
  const storage = memoryStorage()
  const first = openStreams(storage, 'stream:', 'one')
  expect(first.previous()).toEqual([])
  for (const seq of [0, 1, 2]) first.note(seq)
  await Promise.resolve()
  first.note(3)
  await Promise.resolve()
  const second = openStreams(storage, 'stream:', 'two')
  expect(second.previous()).toEqual([{ stream: 'one', lastSeq: 3 }])
  expect(openStreams(storage, 'stream:', 'three').previous()).toEqual([
    { stream: 'one', lastSeq: 3 },
  ])
  second.confirm(second.previous())
  expect(second.previous()).toEqual([])
  expect(openStreams(storage, 'stream:', 'four').previous()).toEqual([])
})

test('the events of a task are one write', async () => {
  const storage = memoryStorage()
  let writes = 0
  const streams = openStreams(
    {
      ...storage,
      set(key, value) {
        writes++
        return storage.set(key, value)
      },
    },
    'stream:',
    'one',
  )
  for (let seq = 0; seq < 100; seq++) streams.note(seq)
  await Promise.resolve()
  expect(writes).toBe(1)
  expect(storage.get('stream:one')).toBe('99')
})

test('after a long outage all streams are told in the end, and leave room for events in a request that outlives the page', () => {
  const storage = memoryStorage()
  for (let page = 0; page < 150; page++) storage.set(`stream:${v7()}`, '1234567')
  const told = new Set<string>()
  for (let page = 0; page < 10; page++) {
    const streams = openStreams(storage, 'stream:', v7())
    expect(byteLength(JSON.stringify(streams.previous()))).toBeLessThan(
      64 * 1024 - MAX_KEEPALIVE_BYTES - 500,
    )
    for (const { stream } of streams.previous()) told.add(stream)
    streams.confirm(streams.previous())
  }
  expect(told.size).toBe(150)
})

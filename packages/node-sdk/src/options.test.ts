import { expect, it } from 'vitest'
import { readOptions, type TributaryOptions } from './options.ts'

const endpoint = 'https://events.example.com'

it.each<[string, object | undefined]>([
  ['writeKey', undefined],
  ['writeKey', { endpoint }],
  ['writeKey', { endpoint, writeKey: ' ' }],
  ['endpoint', { writeKey: 'wk' }],
  ['endpoint', { writeKey: 'wk', endpoint: 'events.example.com' }],
  ['endpoint', { writeKey: 'wk', endpoint: 'ftp://events.example.com' }],
  ['endpoint', { writeKey: 'wk', endpoint: 'https://me:secret@events.example.com' }],
  ['host', { writeKey: 'wk', host: '' }],
  ['flushAt', { writeKey: 'wk', endpoint, flushAt: 0 }],
  ['flushAt', { writeKey: 'wk', endpoint, flushAt: 1.5 }],
  ['flushAt', { writeKey: 'wk', endpoint, flushAt: 2501 }],
  ['flushIntervalMs', { writeKey: 'wk', endpoint, flushIntervalMs: Number.NaN }],
  ['maxQueueBytes', { writeKey: 'wk', endpoint, maxQueueBytes: '64' }],
  ['maxEventAgeMs', { writeKey: 'wk', endpoint, maxEventAgeMs: 5000 }],
  ['fetch', { writeKey: 'wk', endpoint, fetch: {} }],
  ['httpClient', { writeKey: 'wk', endpoint, httpClient: {} }],
  ['maxInFlight', { writeKey: 'wk', endpoint, maxInFlight: 65 }],
  ['maxRetries', { writeKey: 'wk', endpoint, maxRetries: -1 }],
  ['drainTimeoutMs', { writeKey: 'wk', endpoint, drainTimeoutMs: 0 }],
  ['queue.directory', { writeKey: 'wk', endpoint, queue: {} }],
  ['queue.fsync', { writeKey: 'wk', endpoint, queue: { directory: 'd', fsync: 'never' } }],
  ['queue.maxBytes', { writeKey: 'wk', endpoint, queue: { directory: 'd', maxBytes: 0 } }],
])('names %s when it cannot work: %j', (name, options) => {
  expect(() => readOptions(options as TributaryOptions)).toThrow(`"${name}"`)
})

it('does not repeat a password', () => {
  const options = { writeKey: 'wk', endpoint: 'https://me:secret@events.example.com' }
  expect(() => readOptions(options)).not.toThrow(/secret/)
})

it.each([
  [{ endpoint }, `${endpoint}/v1/batch`],
  [{ host: `${endpoint}/` }, `${endpoint}/v1/batch`],
  [{ endpoint, path: 'in/b' }, `${endpoint}/in/b`],
  [{ endpoint: `${endpoint}/in/`, host: 'https://other.example.com' }, `${endpoint}/in/v1/batch`],
])('posts for %j to %s', (address, url) => {
  expect(readOptions({ writeKey: 'wk', ...address }).url).toBe(url)
})

it('has the documented defaults', () => {
  expect(readOptions({ writeKey: 'wk', endpoint })).toEqual({
    writeKey: 'wk',
    url: `${endpoint}/v1/batch`,
    flushAt: 50,
    flushIntervalMs: 5000,
    maxInFlight: 4,
    maxBatchEvents: 2500,
    maxQueueBytes: 67_108_864,
    queue: undefined,
    maxEventAgeMs: 86_400_000,
    requestTimeoutMs: 10_000,
    gzip: false,
    post: undefined,
    disable: false,
    drainOnExit: false,
    drainTimeoutMs: 5000,
    immediate: false,
  })
})

it.each<[Partial<TributaryOptions>, object]>([
  [{ maxEventsInBatch: 7, flushInterval: 70, httpRequestTimeout: 700 }, { flushAt: 7 }],
  [{ maxEventsInBatch: 7, flushAt: 8 }, { flushAt: 8 }],
  [{ flushInterval: 70 }, { flushIntervalMs: 70 }],
  [{ httpRequestTimeout: 700 }, { requestTimeoutMs: 700 }],
  // 1 s until the first try has failed, then 1, 2, 4 … 256 and 300 s: 14 minutes, and the interval.
  [{ maxRetries: 10 }, { maxEventAgeMs: 5000 + 1000 + 811_000 }],
  [{ maxRetries: 0 }, { maxEventAgeMs: 6000 }],
  [{ maxRetries: 10, maxEventAgeMs: 60_000 }, { maxEventAgeMs: 60_000 }],
  [{ queue: { directory: 'd' } }, { maxEventAgeMs: 7 * 86_400_000 }],
  [{ waitUntil: () => {} }, { immediate: true }],
  [{ waitUntil: () => {}, immediate: false }, { immediate: false }],
])('reads %j as %j', (given, expected) => {
  expect(readOptions({ writeKey: 'wk', endpoint, ...given })).toMatchObject(expected)
})

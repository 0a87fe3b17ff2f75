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
    maxQueueBytes: 67_108_864,
    maxEventAgeMs: 86_400_000,
    requestTimeoutMs: 10_000,
    gzip: true,
    fetch: undefined,
  })
})

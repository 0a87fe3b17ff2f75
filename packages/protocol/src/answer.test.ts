import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classifyAnswer, parseRetryAfter } from './answer.ts'
import { backoffMs } from './backoff.ts'
import { MAX_RETRY_AFTER_MS, RETRY_BASE_MS, RETRY_MAX_MS } from './limits.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const refused = { success: false, code: 'unknown_write_key' }

describe('classifyAnswer', () => {
  test.for([
    [{ status: 0 }, { kind: 'retry' }],
    [
      { status: 503, retryAfter: '7' },
      { kind: 'retry', afterMs: 7000 },
    ],
    [{ status: 429, retryAfter: 'soon' }, { kind: 'retry' }],
    [{ status: 301 }, { kind: 'retry' }],
    [{ status: 404, body: refused }, { kind: 'retry' }],
    [{ status: 413 }, { kind: 'split' }],
    [
      { status: 400, body: refused },
      { kind: 'drop', reason: 'unknown_write_key' },
    ],
    [
      { status: 401, body: { success: false } },
      { kind: 'drop', reason: '401' },
    ],
    [{ status: 403, body: '<html>Sign in to this network</html>' }, { kind: 'retry' }],
    [{ status: 400 }, { kind: 'retry' }],
  ] as const)('%j is %j', ([answer, expected]) => {
    expect(classifyAnswer(answer, NOW)).toEqual(expected)
  })

  test('reads verdicts and leaves out what is malformed, so that it is not acknowledged', () => {
    const results = {
      a: { status: 'accepted' },
      b: { status: 'rejected', code: 'c', message: 'm', more: 1 },
      c: { status: 'ok' },
      d: null,
    }
    expect(classifyAnswer({ status: 200, body: { results } }, NOW)).toEqual({
      kind: 'delivered',
      verdicts: new Map([
        ['a', { status: 'accepted' }],
        ['b', { status: 'rejected', code: 'c', message: 'm', more: 1 }],
      ]),
    })
  })

  test('never throws', () => {
    const answer = fc.record({ status: fc.nat(600), retryAfter: fc.string(), body: fc.anything() })
    fc.assert(fc.property(answer, (input) => void classifyAnswer(input, NOW)))
  })
})

describe('parseRetryAfter', () => {
  test.for([
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['120', 120_000],
    ['-5', 0],
    ['999999999', MAX_RETRY_AFTER_MS],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ] as const)('%s is %s', ([header, expected]) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected)
  })
})

test('backoff grows to its ceiling and never makes a tight loop', () => {
  expect(backoffMs(1, 0.999_999)).toBe(RETRY_BASE_MS)
  expect(backoffMs(3, 0.5)).toBe(2 * RETRY_BASE_MS)
  expect(backoffMs(1000, 0.999_999_9)).toBe(RETRY_MAX_MS)
  expect(backoffMs(5, 0)).toBe(RETRY_BASE_MS / 10)
})

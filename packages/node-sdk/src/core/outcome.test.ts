import type { HttpAnswer, Verdict } from '@tributary/protocol'
import { expect, it } from 'vitest'
import { entry } from '../../test/entry.ts'
import { judge } from './outcome.ts'

const batch = ['a', 'b', 'c'].map((messageId, order) => entry({ messageId, order }))

function summary(answer: HttpAnswer, entries = batch) {
  const { settled, kept, ...rest } = judge(entries, answer, 0)
  return {
    settled: settled.map(({ entry: { messageId }, outcome }) => [messageId, outcome]),
    kept: kept.map(({ messageId }) => messageId),
    ...rest,
  }
}

function delivered(results: Record<string, Verdict>): HttpAnswer {
  return { status: 200, body: { success: true, ok: true, results } }
}

function refused(status: number, code: string): HttpAnswer {
  return { status, body: { success: false, code } }
}

it('settles what has a final verdict and keeps the rest in order', () => {
  expect(summary(delivered({ b: { status: 'accepted' }, c: { status: 'retry' } }))).toEqual({
    settled: [['b', { kind: 'delivered' }]],
    kept: ['a', 'c'],
    result: 'progress',
  })
})

it('takes a rejection without a code for one', () => {
  expect(summary(delivered({ a: { status: 'rejected' } })).settled).toEqual([
    ['a', { kind: 'rejected', code: 'rejected' }],
  ])
})

it('takes no verdict from what every object has', () => {
  const entries = [entry({ messageId: 'constructor' }), entry({ messageId: '__proto__' })]
  expect(summary(delivered({}), entries).kept).toEqual(['constructor', '__proto__'])
})

it.each<[string, HttpAnswer, object]>([
  ['acknowledges nothing', delivered({}), { result: 'failed' }],
  ['only says retry', delivered({ a: { status: 'retry' } }), { result: 'failed' }],
  ['has verdicts of another kind', delivered({ a: 5 as never }), { result: 'failed' }],
  ['has null for verdicts', { status: 200, body: { results: null } }, { result: 'failed' }],
  ['is not JSON', { status: 200, body: undefined }, { result: 'failed' }],
  ['is about others', delivered({ x: { status: 'accepted' } }), { result: 'failed' }],
  ['is none', { status: 0 }, { result: 'failed' }],
  ['sends it elsewhere', { status: 308 }, { result: 'failed' }],
  ['asks to wait', { status: 503, retryAfter: '5' }, { result: 'failed', afterMs: 5000 }],
  ['refuses without our code', { status: 400, body: 'no' }, { result: 'failed' }],
  ['finds it too large', { status: 413 }, { result: 'too_large' }],
  ['refuses one of them', refused(400, 'invalid_json'), { result: 'refused' }],
])('keeps the whole batch when the answer %s', (_, answer, rest) => {
  expect(summary(answer)).toEqual({ settled: [], kept: ['a', 'b', 'c'], ...rest })
})

it('reads a Retry-After that is a date', () => {
  const retryAfter = new Date(90_000).toUTCString()
  expect(judge(batch, { status: 429, retryAfter }, 30_000).afterMs).toBe(60_000)
})

it('drops one event that is too large or refused alone, and a batch whose key is refused', () => {
  const alone = batch.slice(0, 1)
  const tooLarge = { kind: 'dropped', reason: 'event_too_large' }
  expect(summary({ status: 413 }, alone).settled).toEqual([['a', tooLarge]])
  const invalid = { kind: 'dropped', reason: 'invalid_json' }
  expect(summary(refused(400, 'invalid_json'), alone).settled).toEqual([['a', invalid]])
  const all = summary(refused(401, 'unknown_write_key'))
  expect(all.settled).toHaveLength(3)
  expect(all).toMatchObject({ kept: [], result: 'progress' })
})

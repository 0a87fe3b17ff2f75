import type { AnswerClass, Verdict } from '@tributary/protocol'
import { expect, it } from 'vitest'
import { judge } from './outcome.ts'
import type { Entry } from './queue.ts'

const batch: Entry[] = ['a', 'b', 'c'].map((messageId, seq) => {
  return { messageId, json: '{}', bytes: 2, seq, queuedAtMs: 0, callback: undefined }
})

function summary(answer: AnswerClass, entries = batch) {
  const { settled, kept, ...rest } = judge(entries, answer)
  return {
    settled: settled.map(({ entry, outcome }) => [entry.messageId, outcome]),
    kept: kept.map((entry) => entry.messageId),
    ...rest,
  }
}

function delivered(verdicts: Record<string, Verdict>): AnswerClass {
  return { kind: 'delivered', verdicts: new Map(Object.entries(verdicts)) }
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

it.each<[string, AnswerClass, object]>([
  ['acknowledges nothing', delivered({}), { result: 'failed' }],
  ['only says retry', delivered({ a: { status: 'retry' } }), { result: 'failed' }],
  ['is about others', delivered({ x: { status: 'accepted' } }), { result: 'failed' }],
  ['fails', { kind: 'retry', afterMs: 5 }, { result: 'failed', afterMs: 5 }],
  ['finds it too large', { kind: 'split' }, { result: 'split' }],
])('keeps the whole batch when the answer %s', (_, answer, rest) => {
  expect(summary(answer)).toEqual({ settled: [], kept: ['a', 'b', 'c'], ...rest })
})

it('drops one event that is too large alone, and a batch that is refused', () => {
  const tooLarge = { kind: 'dropped', reason: 'event_too_large' }
  expect(summary({ kind: 'split' }, batch.slice(0, 1)).settled).toEqual([['a', tooLarge]])
  const refused = summary({ kind: 'drop', reason: 'disabled' })
  expect(refused.settled).toHaveLength(3)
  expect(refused).toMatchObject({ kept: [], result: 'progress' })
})

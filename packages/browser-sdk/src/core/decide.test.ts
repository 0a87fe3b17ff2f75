import type { AnswerClass, Verdict } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { decide } from './decide.ts'

const uuid = (n: number): string => `01936f3e-0000-7000-8000-00000000000${n}`
const batch = [1, 2, 3, 4].map((n) => ({ key: uuid(n), json: '{}' }))
const delivered = (verdicts: Record<string, Verdict>): AnswerClass => ({
  kind: 'delivered',
  verdicts: new Map(Object.entries(verdicts)),
})
const done = (n: number, outcome: string, reason?: string): object => ({
  key: uuid(n),
  outcome,
  reason,
})

test.each<[string, AnswerClass, object]>([
  ['nothing acknowledged', delivered({}), { settled: [], progress: 'none', waitMs: 0 }],
  [
    'each verdict',
    delivered({
      [uuid(1)]: { status: 'accepted' },
      [uuid(2)]: { status: 'duplicate' },
      [uuid(3)]: { status: 'rejected', code: 'c' },
      [uuid(4)]: { status: 'retry' },
    }),
    {
      settled: [done(1, 'delivered'), done(2, 'duplicate'), done(3, 'rejected', 'c')],
      progress: 'some',
      waitMs: 0,
    },
  ],
  [
    'an absent id is not acknowledged',
    delivered({ [uuid(2)]: { status: 'accepted' } }),
    { settled: [done(2, 'delivered')], progress: 'some', waitMs: 0 },
  ],
  ['retry', { kind: 'retry' }, { settled: [], progress: 'none', waitMs: 0 }],
  ['retry later', { kind: 'retry', afterMs: 5 }, { settled: [], progress: 'none', waitMs: 5 }],
  ['too large', { kind: 'split' }, { settled: [], progress: 'split', waitMs: 0 }],
  [
    'refused for good',
    { kind: 'drop', reason: 'r' },
    { settled: [1, 2, 3, 4].map((n) => done(n, 'dropped', 'r')), progress: 'all', waitMs: 0 },
  ],
])('%s', (_, answer, expected) => {
  expect(decide(batch, answer)).toEqual(expected)
})

test('an event that is too large by itself is dropped', () => {
  expect(decide(batch.slice(0, 1), { kind: 'split' })).toEqual({
    settled: [done(1, 'dropped', 'too_large')],
    progress: 'all',
    waitMs: 0,
  })
})

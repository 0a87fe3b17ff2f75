import type { AnswerClass, Verdict } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { decide } from './decide.ts'

const uuid = (n: number): string => `01936f3e-0000-7000-8000-00000000000${n}`
const batch = [1, 2, 3, 4].map((n) => ({ key: uuid(n), eventJson: '{}', row: '' }))
const delivered = (verdicts: Record<string, Verdict>): AnswerClass => ({
  kind: 'delivered',
  verdicts: new Map(Object.entries(verdicts)),
})
const done = (n: number, outcome: string, why: object = {}): object => ({
  key: uuid(n),
  outcome,
  ...why,
})

test.each<[string, AnswerClass, object]>([
  ['nothing acknowledged', delivered({}), { settled: [], progress: 'none' }],
  [
    'each verdict',
    delivered({
      [uuid(1)]: { status: 'accepted' },
      [uuid(2)]: { status: 'duplicate' },
      [uuid(3)]: { status: 'rejected', code: 'c' },
      [uuid(4)]: { status: 'retry' },
    }),
    {
      settled: [done(1, 'delivered'), done(2, 'duplicate'), done(3, 'rejected', { code: 'c' })],
      progress: 'some',
    },
  ],
  [
    'an absent id is not acknowledged',
    delivered({ [uuid(2)]: { status: 'accepted' } }),
    { settled: [done(2, 'delivered')], progress: 'some' },
  ],
  [
    'one event made the request unreadable, and must not take the others with it',
    { kind: 'drop', reason: 'invalid_json' },
    { settled: [], progress: 'split' },
  ],
  ['retry', { kind: 'retry' }, { settled: [], progress: 'none' }],
  ['retry later', { kind: 'retry', afterMs: 5 }, { settled: [], progress: 'none' }],
  ['too large', { kind: 'split' }, { settled: [], progress: 'split' }],
  [
    'refused for good',
    { kind: 'drop', reason: 'r' },
    {
      settled: [1, 2, 3, 4].map((n) => done(n, 'dropped', { reason: 'refused', code: 'r' })),
      progress: 'all',
    },
  ],
])('%s', (_, answer, expected) => {
  expect(decide(batch, answer)).toEqual(expected)
})

test('an event that is too large by itself is dropped', () => {
  expect(decide(batch.slice(0, 1), { kind: 'split' })).toEqual({
    settled: [done(1, 'dropped', { reason: 'too_large' })],
    progress: 'all',
  })
})

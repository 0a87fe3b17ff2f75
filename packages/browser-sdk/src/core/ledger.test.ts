import { expect, test } from 'vitest'
import type { Ending } from './ending.ts'
import type { Entry } from './entry.ts'
import { createLedger } from './ledger.ts'

const entry = (key: string): Entry => ({ key, eventJson: '{}', row: '' })

test('every call is in exactly one place', () => {
  const ledger = createLedger()
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) void ledger.begin(entry(key))
  ledger.settle('a', { outcome: 'delivered' })
  ledger.settle('b', { outcome: 'duplicate' })
  ledger.settle('c', { outcome: 'rejected', code: 'invalid_event' })
  ledger.settle('d', { outcome: 'dropped', reason: 'hook' })
  ledger.settle('e', { outcome: 'dropped', reason: 'refused', code: 'unknown_write_key' })
  expect(ledger.stats()).toEqual({
    created: 6,
    delivered: 1,
    duplicate: 1,
    rejected: 1,
    dropped: 2,
    pending: 1,
  })
  expect(ledger.unended()).toEqual([entry('f')])
})

test('only the first outcome of an own event counts, and is what its promise tells', async () => {
  const ledger = createLedger()
  const told = ledger.begin(entry('a'))
  const first: Ending = { outcome: 'rejected', code: 'c' }
  expect(ledger.settle('a', first)).toBe(true)
  expect(ledger.settle('a', { outcome: 'delivered' })).toBe(false)
  expect(ledger.settle('of another page', { outcome: 'delivered' })).toBe(false)
  expect(await told).toEqual(first)
  expect(ledger.stats()).toMatchObject({ created: 1, rejected: 1, delivered: 0, pending: 0 })
})

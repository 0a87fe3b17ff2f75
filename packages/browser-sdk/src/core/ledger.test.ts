import { MAX_KEEPALIVE_BYTES } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { createLedger } from './ledger.ts'

const zero = { created: 0, delivered: 0, duplicate: 0, rejected: 0, dropped: 0, pending: 0 }

test('every call is in exactly one place', () => {
  const ledger = createLedger()
  for (const key of ['a', 'b', 'c', 'd', 'e']) ledger.open({ key, json: '{}' })
  ledger.drop()
  ledger.settle('a', 'delivered')
  ledger.settle('b', 'duplicate')
  ledger.settle('c', 'rejected')
  ledger.settle('d', 'dropped')
  expect(ledger.stats()).toEqual({
    created: 6,
    delivered: 1,
    duplicate: 1,
    rejected: 1,
    dropped: 2,
    pending: 1,
  })
  expect(ledger.pendingKeys()).toEqual(['e'])
})

test('only the first outcome of an own event counts', () => {
  const ledger = createLedger()
  ledger.open({ key: 'a', json: '{}' })
  expect(ledger.settle('a', 'delivered')).toBe(true)
  expect(ledger.settle('a', 'duplicate')).toBe(false)
  expect(ledger.settle('of another page', 'delivered')).toBe(false)
  expect(ledger.stats()).toEqual({ ...zero, created: 1, delivered: 1 })
})

test('holds the newest events that fit one keepalive request, and forgets none of the accounts', () => {
  const ledger = createLedger()
  const json = 'x'.repeat(MAX_KEEPALIVE_BYTES / 3)
  for (const key of ['a', 'b', 'c', 'd']) ledger.open({ key, json })
  expect(ledger.held().map(({ key }) => key)).toEqual(['c', 'd'])
  ledger.settle('a', 'delivered')
  ledger.settle('c', 'delivered')
  expect(ledger.held().map(({ key }) => key)).toEqual(['d'])
  expect(ledger.stats().pending).toBe(2)
  ledger.open({ key: 'huge', json: 'x'.repeat(MAX_KEEPALIVE_BYTES) })
  expect(ledger.held()).toEqual([])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lakeKey, parseLakeKey } from './lake-key.ts'
import { readCursor, writeCursor } from './record.ts'

describe('lakeKey', () => {
  const key = {
    kind: 'events',
    source: 'web',
    date: '2026-11-22',
    journal: '0-ab',
    from: 9,
    to: 10,
  } as const

  test('can be read back, and sorts as its rows do', () => {
    expect(parseLakeKey(lakeKey(key))).toEqual(key)
    expect(lakeKey(key) < lakeKey({ ...key, from: 11, to: 100 })).toBe(true)
  })

  test('of something else is not taken for one of ours', () => {
    expect(parseLakeKey('events/source=web/date=2026-11-22/readme.txt')).toBeUndefined()
  })
})

describe('cursors', () => {
  test('carry any position', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        const position = {
          receivedAt: '2026-11-22T10:00:00.000Z',
          id: id.toWellFormed(),
          owner: '[]',
        }
        const cursor = writeCursor(position)
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
        expect(readCursor(cursor)).toEqual(position)
      }),
    )
  })

  test('of anybody else are refused', () => {
    for (const text of [
      '',
      'x',
      'W10',
      'bnVsbA',
      '%',
      btoa('["then","id",""]'),
      btoa('["zz 1","id",""]'),
      btoa('{}'),
    ]) {
      expect(readCursor(text)).toBeUndefined()
    }
    fc.assert(fc.property(fc.string(), (text) => void readCursor(text)))
  })
})

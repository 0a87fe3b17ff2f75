import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTimestamp } from './timestamps.ts'

const ISO = '2026-11-22T10:11:12.345Z'
const MS = Date.parse(ISO)

describe('parseTimestamp', () => {
  test.for([
    [ISO, MS],
    [` ${ISO} `, MS],
    ['2026-11-22T10:11:12Z', MS - 345],
    ['2026-11-22T12:11:12.345+02:00', MS],
    ['2026-11-22T10:11:12.345', MS],
    ['2026-11-22', Date.parse('2026-11-22T00:00:00Z')],
    ['2026-11-22T10:11:12.345678Z', MS],
    [MS, MS],
    [MS / 1000, MS],
    [MS * 1000, MS],
    [String(MS), MS],
    [String(Math.floor(MS / 1000)), MS - 345],
  ] as const)('%s', ([value, expected]) => {
    expect(parseTimestamp(value)).toBe(expected)
  })

  test.for([
    undefined,
    null,
    '',
    'yesterday',
    '12',
    'Nov 22 2026 extra',
    -5,
    0,
    Number.NaN,
    {},
    [],
    true,
    '2026-13-45',
    1e300,
  ])('%s is unreadable', (value) => {
    expect(parseTimestamp(value)).toBeUndefined()
  })

  test('never throws, and gives what a Date can hold', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const ms = parseTimestamp(value)
        if (ms !== undefined) expect(Number.isNaN(new Date(ms).getTime())).toBe(false)
      }),
    )
  })
})

import { describe, expect, test } from 'vitest'
import { setIdentifiers } from './identifiers.ts'

describe('setIdentifiers', () => {
  test.for([
    [''],
    ['   '],
    ['0'],
    ['00000000-0000-0000-0000-000000000000'],
    ['--'],
    ['-1'],
    ['null'],
    [' NULL '],
    ['"null"'],
    ["'undefined'"],
    ['Anonymous'],
    ['guest'],
    ['None'],
    ['nil'],
    ['NaN'],
    ['N/A'],
    ['unknown'],
    ['true'],
    ['FALSE'],
    ['id'],
    ['email'],
    ['not_authenticated'],
    ['[object Object]'],
    ['test@example.com'],
    ['No-Reply@example.com'],
    [null],
  ])('keeps and flags the junk value %j', ([value]) => {
    const event = { type: 'track', userId: value as string }
    expect(setIdentifiers(event)).toEqual({ ...event, _tributary: { flags: ['userId_junk'] } })
  })

  test.for([
    ['u1'],
    ['0a'],
    ['-12'],
    ['nulla'],
    ['guest42'],
    ['ann@example.com'],
    ['tester@example.com'],
    ['test'],
    ['a'.repeat(300)],
  ])('takes %j for an identifier', ([value]) => {
    const event = { type: 'track', anonymousId: value as string }
    expect(setIdentifiers(event)).toBe(event)
  })

  test('flags each field on its own', () => {
    const event = { userId: 'u', anonymousId: '0', groupId: 'null', previousId: '' }
    expect(setIdentifiers(event)._tributary).toEqual({
      flags: ['anonymousId_junk', 'groupId_junk', 'previousId_junk'],
    })
  })

  test('makes text of a number, and flags one that is junk', () => {
    expect(setIdentifiers({ userId: 0 })).toEqual({
      userId: '0',
      _tributary: { sent: { userId: 0 }, flags: ['userId_junk'] },
    })
  })

  test.for([[{ a: 1 }], [[1]], [true]])('flags %j as unusable', ([value]) => {
    expect(setIdentifiers({ userId: value as boolean })).toEqual({
      userId: value,
      _tributary: { flags: ['userId_unusable'] },
    })
  })
})

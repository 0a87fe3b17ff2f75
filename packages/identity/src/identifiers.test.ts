import type { Json, JsonObject } from '@tributary/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveConfiguration } from './configuration.ts'
import { identifiersOf, makeIdentifier, parseIdentifier } from './identifiers.ts'

const rules = resolveConfiguration({ blocked: ['Kiosk ', 'office@a.io'] })

describe('R5: an identifier', () => {
  test.for<[type: string, raw: Json, value: string | undefined]>([
    ['userId', 42, '42'],
    ['userId', ' u1\n', 'u1'],
    ['userId', 'User1', 'User1'],
    ['userId', 'e\u0301', '\u00e9'],
    ['userId', 'a\ud800', 'a\ufffd'],
    ['userId', 'x'.repeat(256), 'x'.repeat(256)],
    ['userId', ` ${'x'.repeat(256)} `, 'x'.repeat(256)],
    ['userId', 'x'.repeat(257), undefined],
    ['userId', true, undefined],
    ['userId', { id: 'u1' }, undefined],
    ['userId', ['u1'], undefined],
    ['userId', null, undefined],
    ['email', ' Jane.Kim+news@Acme.IO ', 'jane.kim+news@acme.io'],
    ['email', 'jane', undefined],
    ['email', 'jane@acme', undefined],
    ['email', 'a b@acme.io', undefined],
    ['phone', '+49 (30) 123-4567', '+49301234567'],
    ['phone', '0049 30 1234567', '+49301234567'],
    ['phone', 8001234567, '8001234567'],
    ['phone', '0800-1234567', '08001234567'],
    ['phone', '123456', undefined],
    ['phone', '1234567890123456', undefined],
    ['phone', '12+34567890', undefined],
    ['a:b', 'c', undefined],
    ['__proto__', 'c', undefined],
  ])('of type %s made of %j is %j', ([type, raw, value]) => {
    expect(makeIdentifier(type, raw, rules)?.value).toBe(value)
  })

  test('of whatever text is one again, the same, when it is read back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('userId', 'email', 'phone', 'crm'),
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `${text}@A.io`),
          fc.constant('+49301234567'),
        ),
        (type, raw) => {
          const identifier = makeIdentifier(type, raw, rules)
          if (identifier) expect(parseIdentifier(identifier.key, rules)).toEqual(identifier)
        },
      ),
    )
  })
})

describe('R6: nobody is identified by', () => {
  test.for([
    ['userId', ''],
    ['userId', '0'],
    ['userId', '00000000-0000-0000-0000-000000000000'],
    ['userId', '-1'],
    ['userId', 'NULL'],
    ['userId', '"null"'],
    ['userId', "' Undefined '"],
    ['userId', 'N/A'],
    ['userId', '[object Object]'],
    ['userId', 'not_authenticated'],
    ['userId', 'KIOSK'],
    ['email', 'NoReply@acme.io'],
    ['email', 'test@acme.io'],
    ['email', 'Office@A.io'],
    ['phone', '+00 00 00 00 00'],
  ] as const)('%s %j', ([type, raw]) => {
    expect(makeIdentifier(type, raw, rules)).toBeUndefined()
  })

  test.for([
    ['userId', '10'],
    ['userId', '-10'],
    ['userId', 'guest1'],
    ['userId', '"u1"'],
    ['email', 'tests@acme.io'],
  ] as const)('not so %s %j', ([type, raw]) => {
    expect(makeIdentifier(type, raw, rules)?.value).toBe(raw)
  })
})

describe('R4: an event', () => {
  const everything: JsonObject = {
    type: 'identify',
    anonymousId: 'a1',
    userId: 'u1',
    traits: { email: 't@a.io', phone: '030 1234567' },
    properties: { email: 'properties@a.io', userId: 'u9' },
    context: {
      device: { id: 'd1' },
      traits: { email: 'c@a.io' },
      externalIds: [
        { type: 'shop', id: 's1', collection: 'users' },
        { type: 'crm', id: 7, collection: 'users' },
        { type: 'company', id: 'x', collection: 'accounts' },
        { type: 'email', id: 'X@a.io', collection: 'users' },
        null,
      ],
    },
  }
  const keys = (event: JsonObject, config = {}): string[] =>
    identifiersOf(event, resolveConfiguration(config)).map(({ key }) => key)

  test('carries its identifiers best first', () => {
    expect(keys(everything)).toEqual([
      'userId:u1',
      'email:c@a.io',
      'email:t@a.io',
      'email:x@a.io',
      'phone:0301234567',
      'deviceId:d1',
      'crm:7',
      'shop:s1',
      'anonymousId:a1',
    ])
  })

  test('carries them in another order where that is set', () => {
    const priority = ['crm', 'anonymousId', '*', 'userId']
    expect(keys(everything, { priority }).slice(0, 2)).toEqual(['crm:7', 'anonymousId:a1'])
    expect(keys(everything, { priority }).at(-1)).toBe('userId:u1')
  })

  test('that is no identify has none in its own traits', () => {
    expect(keys({ type: 'group', userId: 'u1', traits: { email: 'billing@a.io' } })).toEqual([
      'userId:u1',
    ])
  })

  test('that is not trusted has no address where only trusted ones count', () => {
    const trusted = { ...everything, context: { ...(everything.context as object), trusted: true } }
    const config = { promoteEmail: 'trusted' }
    expect(keys(everything, config).filter((key) => /email|phone/.test(key))).toEqual([])
    expect(keys(trusted, config)).toEqual(keys(everything))
  })
})

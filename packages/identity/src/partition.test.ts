import type { JsonObject } from '@tributary/protocol'
import { describe, expect, test } from 'vitest'
import { at, call } from '../test/calls.ts'
import { type Answer, buildProfiles } from './build-profiles.ts'
import type { IdentityConfig } from './configuration.ts'

/** Who is together, as sorted lists of keys. */
function people(log: JsonObject[], config?: IdentityConfig): string[] {
  return peopleOf(buildProfiles(log, config))
}

function peopleOf({ profiles }: Answer): string[] {
  return profiles
    .map(({ ids }) =>
      Object.values(ids)
        .flat()
        .map((id) => id.replace('@a.io', ''))
        .join(' '),
    )
    .sort()
}

/** One identify a minute: a user or a device or both, and an address. */
function claims(...texts: string[]): JsonObject[] {
  return texts.map((text, minute) => {
    const fields: JsonObject = {}
    for (const id of text.split(' ')) {
      if (id.startsWith('u')) fields.userId = id
      if (id.startsWith('a')) fields.anonymousId = id
      if (id.startsWith('e')) fields.traits = { email: `${id}@a.io` }
    }
    return call('identify', minute, fields)
  })
}

const unlink = (a: string, b: string): JsonObject => {
  return { type: '$unlink', messageId: `x${a}${b}`, timestamp: at(59), a, b }
}

describe('R8 and R12: links are taken in the order of their events', () => {
  test.for<[string, JsonObject[], string[]]>([
    ['the earliest claim wins', claims('u1 a1', 'u2 a1'), ['u1 a1', 'u2']],
    ['the second time of a pair says nothing', claims('u1 a1', 'u2 a1', 'u1 a1'), ['u1 a1', 'u2']],
    ['through others too', claims('a1 e1', 'a2 e1', 'u1 a2', 'u2 a1'), ['u1 e1 a1 a2', 'u2']],
  ])('%s', ([, log, expected]) => {
    expect(people(log)).toEqual(expected)
  })

  test('of one event, the better identifier first', () => {
    // The address of u2 is joined first; after that the limit of two lets no device in.
    const log = [
      call('identify', 1, { userId: 'u2', anonymousId: 'a1', traits: { email: 'e1@a.io' } }),
    ]
    const { profiles, refused } = buildProfiles(log, { limits: { total: 2 } })
    expect(profiles[0]?.ids).toEqual({ userId: ['u2'], email: ['e1@a.io'] })
    expect(refused).toMatchObject([
      { other: { key: 'anonymousId:a1' }, refused: { rule: 'limit', type: 'total', limit: 2 } },
    ])
  })
})

describe('R9: an alias', () => {
  const alias = (userId: string, previousId: string, minute = 30): JsonObject =>
    call('alias', minute, { userId, previousId })

  test.for<[string, JsonObject[], string[]]>([
    ['joins two users whatever the limit', [...claims('u1', 'u2'), alias('u2', 'u1')], ['u1 u2']],
    ['joins a device', [...claims('a1', 'u1'), alias('u1', 'a1')], ['u1 a1']],
    ['of a device comes too late', [...claims('u1 a1', 'u2'), alias('u2', 'a1')], ['u1 a1', 'u2']],
    [
      'of nobody has no effect',
      [...claims('u1', 'u2'), alias('u1', 'x'), alias('u2', 'x', 31)],
      ['u1', 'u2'],
    ],
    [
      'of an id that is both, joins both',
      [...claims('u1', 'a1'), call('page', 10, { anonymousId: 'u1' }), alias('u2', 'u1')],
      ['a1', 'u1 u2 u1'],
    ],
    [
      'gives way to $unlink',
      [...claims('u1', 'u2'), alias('u2', 'u1'), unlink('userId:u1', 'userId:u2')],
      ['u1', 'u2'],
    ],
    [
      'gives way to $unlink over a third',
      [
        ...claims('u1', 'u2', 'u3'),
        alias('u2', 'u1', 30),
        alias('u3', 'u2', 31),
        unlink('userId:u1', 'userId:u3'),
      ],
      ['u1 u2', 'u3'],
    ],
  ])('%s', ([, log, expected]) => {
    expect(people(log)).toEqual(expected)
  })

  test('leaves room for as many others as one user does', () => {
    const log = [...claims('u1 e1', 'u2', 'u3 e1'), alias('u2', 'u1')]
    expect(people(log, { limits: { userId: 2 } })).toEqual(['u1 u2 u3 e1'])
  })

  test('needs no more room than one user', () => {
    const log = [...claims('u1 a1', 'u2 a1', 'u3 a1'), alias('u2', 'u1')]
    expect(people(log)).toEqual(['u1 u2 a1', 'u3'])
  })
})

describe('R10: a profile holds', () => {
  test.for<[string, JsonObject[], IdentityConfig, string[]]>([
    ['one user', claims('u1 e1', 'u2 e1'), {}, ['u1 e1', 'u2']],
    [
      'two users where that is set',
      claims('u1 e1', 'u2 e1', 'u3 e1'),
      { limits: { userId: 2 } },
      ['u1 u2 e1', 'u3'],
    ],
    [
      'five addresses',
      claims('u1 e1', 'u1 e2', 'u1 e3', 'u1 e4', 'u1 e5', 'u1 e6'),
      {},
      ['u1 e1 e2 e3 e4 e5'],
    ],
    ['so many in all', claims('u1 a1', 'u1 a2', 'u1 a3'), { limits: { total: 3 } }, ['u1 a1 a2']],
  ])('%s', ([, log, config, expected]) => {
    expect(people(log, config)).toEqual(expected)
  })

  test('five of any other type', () => {
    const log = [1, 2, 3, 4, 5, 6].map((n) =>
      call('track', n, {
        userId: 'u1',
        context: { externalIds: [{ type: 'crm', id: `c${n}`, collection: 'users' }] },
      }),
    )
    expect(buildProfiles(log).profiles[0]?.ids.crm).toEqual(['c1', 'c2', 'c3', 'c4', 'c5'])
  })
})

describe('R11: what too many users share', () => {
  const kiosk = claims('u1 a1', 'u2 a1', 'u3 a1')

  test('joins nobody', () => {
    const answer = buildProfiles(kiosk, { fanout: { anonymousId: 2 } })
    expect(answer.shared).toEqual(['anonymousId:a1'])
    expect(peopleOf(answer)).toEqual(['u1', 'u2', 'u3'])
    expect(answer.refused.map(({ refused }) => refused?.rule)).toEqual([
      'shared',
      'shared',
      'shared',
    ])
  })

  test('joins the first of as many as may be', () => {
    expect(people(kiosk, { fanout: { anonymousId: 3 } })).toEqual(['u1 a1', 'u2', 'u3'])
  })

  test('is nobody’s from the second user on where the guard is strict', () => {
    expect(people(claims('u1 a1', 'u2 a1'), { fanout: { anonymousId: 1 } })).toEqual(['u1', 'u2'])
  })

  test('counts a user with two names once', () => {
    const alias = call('alias', 30, { userId: 'u2', previousId: 'u1' })
    expect(people([...kiosk, alias], { fanout: { anonymousId: 2 } })).toEqual(['u1 u2 a1', 'u3'])
  })

  test('counts users that a limit or a cut keeps out', () => {
    const log = [...kiosk, unlink('userId:u3', 'anonymousId:a1')]
    expect(people(log, { fanout: { anonymousId: 2 } })).toEqual(['u1', 'u2', 'u3'])
  })
})

describe('R12: $unlink', () => {
  test.for<[string, JsonObject[], string[]]>([
    [
      'cuts a link',
      [...claims('a1', 'u1 a1'), unlink('userId:u1', 'anonymousId:a1')],
      ['a1', 'u1'],
    ],
    [
      'cuts the last link of a longer way',
      [...claims('u1 e1', 'a1 e1'), unlink('userId:u1', 'anonymousId:a1')],
      ['u1 e1'],
    ],
    [
      'frees for the next claim',
      [...claims('u1 e1', 'u2 e1'), unlink('email:E1@a.io', 'userId:u1')],
      ['u1', 'u2 e1'],
    ],
    [
      'of strangers has no effect',
      [...claims('u1 a1'), unlink('userId:u1', 'userId:u9')],
      ['u1 a1'],
    ],
  ])('%s', ([, log, expected]) => {
    expect(people(log)).toEqual(expected)
  })

  test('names the pair that would meet', () => {
    const log = [...claims('u1 e1', 'a1 e1'), unlink('anonymousId:a1', 'userId:u1')]
    const [refused] = buildProfiles(log).refused
    expect(refused?.refused?.rule).toBe('unlink')
    expect((refused?.refused as { between: string[] } | undefined)?.between.toSorted()).toEqual([
      'anonymousId:a1',
      'userId:u1',
    ])
  })
})

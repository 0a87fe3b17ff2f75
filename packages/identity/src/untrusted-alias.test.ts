import { expect, test } from 'vitest'
import { buildProfiles } from './build-profiles.ts'

const AT = '2026-01-01T00:00:0'

function alias(previousId: string, messageId: string, flags: string[]) {
  const timestamp = `${AT}${messageId.slice(1)}Z`
  return { type: 'alias', userId: 'u1', previousId, messageId, timestamp, _tributary: { flags } }
}

function page(ids: object, messageId: string) {
  return { type: 'page', ...ids, messageId, timestamp: `${AT}${messageId.slice(1)}Z` }
}

const PAGES = [
  page({ userId: 'u1' }, 'm1'),
  page({ userId: 'u2' }, 'm2'),
  page({ anonymousId: 'a1' }, 'm3'),
]

test('an alias that the collector does not trust joins no two users', () => {
  const untrusted = alias('u2', 'm4', ['alias_untrusted'])
  expect(buildProfiles([...PAGES, untrusted]).profiles).toHaveLength(3)
  expect(buildProfiles([...PAGES, alias('u2', 'm4', [])]).profiles).toHaveLength(2)
})

test('what it says of a device counts, as any event of that device and user would', () => {
  const { profiles } = buildProfiles([...PAGES, alias('a1', 'm4', ['alias_untrusted'])])
  expect(profiles.map(({ ids }) => ids)).toContainEqual({ userId: ['u1'], anonymousId: ['a1'] })
})

test('it does not stand in the way of one that is trusted, earlier or later', () => {
  for (const [first, second] of [
    ['m4', 'm5'],
    ['m5', 'm4'],
  ] as const) {
    const records = [...PAGES, alias('u2', first, ['alias_untrusted']), alias('u2', second, [])]
    expect(buildProfiles(records).profiles).toHaveLength(2)
  }
})

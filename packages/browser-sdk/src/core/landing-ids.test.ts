import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LINK_PARAMETER, landingIds, linkValue, withoutLink } from './landing-ids.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const ID = '0198c5a1-7e1b-7c3e-9d0a-1f2e3d4c5b6a'
const NONE = { anonymousId: undefined, userId: undefined }

function link(value: string): string {
  return `?a=1&${LINK_PARAMETER}=${encodeURIComponent(value)}`
}

test('a link takes any ids along that a cookie and an address can carry', () => {
  const anonymousId = fc.stringMatching(/^[\w.:-]{1,128}$/)
  fc.assert(
    fc.property(anonymousId, fc.string({ unit: 'grapheme', maxLength: 20 }), (id, userId) => {
      const value = linkValue(id, NOW, userId)
      expect(value).toMatch(/^[\w.:-]+$/)
      expect(landingIds(`?${LINK_PARAMETER}=${value}`, NOW + 1)).toEqual({
        anonymousId: id,
        userId: userId || undefined,
      })
    }),
    { examples: [['a.b.c', 'ä~?>😀']] },
  )
})

test.for([
  [-60_000, false],
  [-1, false],
  [0, true],
  [119_999, true],
  [120_000, false],
  [86_400_000, false],
] as const)('a link that is %i ms old counts: %s', ([ageMs, counts]) => {
  const { anonymousId } = landingIds(link(linkValue(ID, NOW - ageMs)), NOW)
  expect(anonymousId).toBe(counts ? ID : undefined)
})

const TIME = NOW.toString(36)

test.for([
  '',
  '.',
  ID,
  `${ID}.`,
  `.${TIME}`,
  `${ID}.${TIME}0`,
  `${ID}.${TIME.slice(1)}`,
  `${ID}.-${TIME}`,
  `${ID}.${TIME}.`,
  `${ID}.${TIME}.dTE=`,
  `${ID}.${TIME}.dTE.dTE`,
  `${ID}.${TIME}.a`,
  `${ID}.${TIME}.${btoa('%E4')}`,
  `${ID}.NaN`,
  `${ID}.Infinity`,
  `${'a'.repeat(129)}.${TIME}`,
  `${ID}; domain=evil.example.${TIME}`,
  `<script>alert(1)</script>.${TIME}`,
  `a\r\nSet-Cookie: x=y.${TIME}`,
  `\u0000.${TIME}`,
  `ä.${TIME}`,
])('a link of %j brings nothing', (value) => {
  expect(landingIds(link(value), NOW)).toEqual(NONE)
})

test('half a character in a user id does not make it throw', () => {
  const search = link(linkValue(ID, NOW, 'u\ud83d1'))
  expect(landingIds(search, NOW)).toEqual({ anonymousId: ID, userId: 'u1' })
})

test('a user id that is too long costs only itself', () => {
  const search = link(linkValue(ID, NOW, 'u'.repeat(257)))
  expect(landingIds(search, NOW)).toEqual({ ...NONE, anonymousId: ID })
})

test.for([
  ['?ajs_aid=a1&ajs_uid=a%40b.example', { anonymousId: 'a1', userId: 'a@b.example' }],
  ['?ajs_uid=u+1', { ...NONE, userId: 'u 1' }],
  ['?ajs_aid=&ajs_uid=', NONE],
  ['?ajs_aid=a%3Bb', NONE],
  [`?ajs_aid=${'a'.repeat(129)}&ajs_uid=${'u'.repeat(257)}`, NONE],
  ['?ajs_aid=%E4%00', NONE],
  ['', NONE],
] as const)("Segment's parameters in %s are read", ([search, expected]) => {
  expect(landingIds(search, NOW)).toEqual(expected)
})

test("a fresh link goes before Segment's parameters, a stale one does not hide them", () => {
  const search = `${link(linkValue(ID, NOW))}&ajs_aid=a1&ajs_uid=u1`
  expect(landingIds(search, NOW)).toEqual({ ...NONE, anonymousId: ID })
  expect(landingIds(search, NOW + 120_000)).toEqual({ anonymousId: 'a1', userId: 'u1' })
})

test.for([
  ['', ''],
  ['?', ''],
  ['?a=%20+b&', '?a=%20+b&'],
  ['?x_tributary_link=1', '?x_tributary_link=1'],
  ['?tributary_link=x', ''],
  ['?tributary_link=x&a=1', '?a=1'],
  ['?a=%20+b&tributary_link=x', '?a=%20+b'],
  ['?a&tributary_link=x&b', '?a&b'],
  ['?tributary_link=x&a&tributary_link=y', '?a'],
  ['?tributary_link=x&tributary_link=y', ''],
] as const)('the query %j is %j without the link', ([search, expected]) => {
  expect(withoutLink(search)).toBe(expected)
})

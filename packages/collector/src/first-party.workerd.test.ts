import { afterEach, describe, expect, test } from 'vitest'
import { batch, forgetAll, json, PAGE, post, storedEvents, track } from '../test-client.ts'

afterEach(forgetAll)

const ATTRIBUTES = 'Path=/; Max-Age=34560000; Secure; SameSite=Lax'

function send(events: unknown[], firstParty: unknown, cookie?: string, key = 'wk_cookies') {
  return post('/v1/batch', batch(key, events, { firstParty }), {
    ...PAGE,
    ...(cookie !== undefined && { cookie }),
  })
}

function cookiesOf(response: Response) {
  return response.headers.getSetCookie()
}

const cookiesWith = (id: string) => [
  `tributary_id=${id}; ${ATTRIBUTES}; HttpOnly`,
  `tributary_id_js=${id}; ${ATTRIBUTES}`,
]

describe('the first-party id', () => {
  test('is set in the answer that acknowledges, with a twin that scripts can read', async () => {
    const response = await send([track('m1')], { id: 'a1' })
    expect(cookiesOf(response)).toEqual(cookiesWith('a1'))
    expect(await json(response)).not.toHaveProperty('anonymousId')
  })

  test('gives a browser back the id that its storage has lost', async () => {
    const events = [track('m1', { anonymousId: 'new' }), track('m2', { anonymousId: 'other' })]
    const response = await send(events, { id: 'new', fresh: true }, 'x=1; tributary_id=old; y')
    expect(cookiesOf(response)).toEqual(cookiesWith('old'))
    expect(await json(response)).toMatchObject({ anonymousId: 'old' })
    const byId = Object.fromEntries((await storedEvents()).map((event) => [event.messageId, event]))
    expect(byId.m1).toMatchObject({
      anonymousId: 'old',
      _tributary: { sent: { anonymousId: 'new' } },
    })
    expect(byId.m2).toMatchObject({ anonymousId: 'other' })
    expect(byId.m2._tributary).not.toHaveProperty('sent')
  })

  test('that a browser still has is not replaced by an older cookie', async () => {
    const response = await send([track('m1')], { id: 'a1' }, 'tributary_id=old')
    expect(cookiesOf(response)).toEqual(cookiesWith('a1'))
    expect((await storedEvents())[0].anonymousId).toBe('a1')
  })

  test('is given to events that have none, also where they name nobody', async () => {
    const { anonymousId: _, ...nobody } = track('m1')
    const { results } = await json(
      send([nobody, { ...nobody, messageId: 'm2', userId: 'u' }], { id: 'a9' }),
    )
    expect(results).toEqual({ m1: { status: 'accepted' }, m2: { status: 'accepted' } })
    expect((await storedEvents()).map(({ anonymousId }) => anonymousId)).toEqual(['a9', 'a9'])
  })

  test('makes no difference to what a retry is met by', async () => {
    const { anonymousId: _, ...event } = track('m2', { userId: 'u' })
    const events = [track('m1', { anonymousId: 'new' }), event]
    const fresh = { id: 'new', fresh: true }
    for (const [firstParty, cookie] of [
      [fresh, 'tributary_id=old'],
      [fresh, undefined],
      [undefined, 'tributary_id=older'],
    ] as const) {
      await send(events, firstParty, cookie)
    }
    expect(await storedEvents()).toHaveLength(2)
  })

  test('is no part of a single event', async () => {
    const body = JSON.stringify({
      ...track('m1'),
      writeKey: 'wk_cookies',
      firstParty: { id: 'a1', fresh: true },
    })
    const response = await post('/v1/track', body, { cookie: 'tributary_id=old' })
    expect(await json(response)).toEqual({ success: true, ok: true, anonymousId: 'old' })
    expect(cookiesOf(response)).toEqual(cookiesWith('old'))
    expect((await storedEvents())[0]).not.toHaveProperty('firstParty')
  })

  test.for<[unknown, string | undefined, string[]]>([
    [{ id: 'a; Domain=evil' }, undefined, []],
    [{ id: 'a\r\nX: y' }, undefined, []],
    [{ id: 'x'.repeat(129) }, undefined, []],
    [{ id: '' }, undefined, []],
    [{ id: 5 }, undefined, []],
    ['a1', undefined, []],
    [undefined, 'tributary_id=old', []],
    [{ id: 'a1', fresh: true }, 'tributary_id="><script>', cookiesWith('a1')],
    [{ id: 'a1', fresh: true }, `tributary_id=${'x'.repeat(200)}`, cookiesWith('a1')],
    [{ id: 'a1', fresh: 1 }, 'tributary_id=old', cookiesWith('a1')],
  ])(
    '%j with the cookie %s: nothing that could do harm is set',
    async ([wish, cookie, expected]) => {
      const response = await send([track('m1')], wish, cookie)
      expect(response.status).toBe(200)
      expect(cookiesOf(response)).toEqual(expected)
    },
  )

  test('is kept only where the source is so configured, and not with a refusal', async () => {
    const open = await send([track('m1')], { id: 'a1', fresh: true }, 'tributary_id=old', 'wk_open')
    expect(cookiesOf(open)).toEqual([])
    expect((await storedEvents())[0].anonymousId).toBe('a1')
    const body = JSON.stringify({ writeKey: 'wk_cookies', firstParty: { id: 'a1' } })
    const refused = await post('/v1/track', body)
    expect(refused.status).toBe(400)
    expect(cookiesOf(refused)).toEqual([])
  })
})

import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  batch,
  forgetAll,
  get,
  HOST,
  json,
  PAGE,
  post,
  quarantined,
  storedEvents,
  track,
  untilLimited,
  worker,
} from '../test-client.ts'

afterEach(forgetAll)

const ALIAS = { type: 'alias', userId: 'u1', previousId: 'a1', messageId: 'alias' }

describe('a server key', () => {
  test('in a page is refused, and nothing is stored', async () => {
    for (const path of ['/v1/batch', '/v1/batch?writeKey=sk_strict']) {
      const response = await post(path, batch('sk_strict', [track('m1')]), PAGE)
      expect(response.status).toBe(403)
      expect(await json(response)).toMatchObject({ code: 'server_key_in_page' })
      expect(response.headers.get('access-control-allow-origin')).toBe(PAGE.origin)
    }
    expect(await storedEvents()).toEqual([])
    expect(await quarantined()).toEqual([])
  })

  test('is taken from a server, in the query too, and may alias', async () => {
    expect((await post('/v1/track?writeKey=sk_strict', JSON.stringify(track('m1')))).status).toBe(
      200,
    )
    const { results } = await json(post('/v1/batch', batch('sk_strict', [ALIAS])))
    expect(results.alias).toEqual({ status: 'accepted' })
    expect((await storedEvents()).map(({ source }) => source)).toEqual(['strict', 'strict'])
  })
})

describe('a public key', () => {
  test('may alias, but not for two users: that is stored, and flagged', async () => {
    const body = JSON.stringify({ ...ALIAS, writeKey: 'wk_strict' })
    expect((await post('/v1/alias', body)).status).toBe(200)
    const sent = { ...ALIAS, messageId: 'trusted', writeKey: 'wk_open' }
    expect((await post('/v1/a', JSON.stringify(sent))).status).toBe(200)
    const stored = await storedEvents()
    const flags = stored.map(({ messageId, _tributary: { flags = [] } }) => [messageId, flags])
    expect(Object.fromEntries(flags)).toEqual({ alias: ['alias_untrusted'], trusted: [] })
  })

  test('has its claim of trust taken out, and kept beside', async () => {
    const context = { trusted: true, locale: 'de' }
    await post('/v1/batch', batch('wk_strict', [track('m1')], { context }))
    await post('/v1/batch', batch('sk_strict', [track('m2', { context })]))
    const [second, first] = await storedEvents()
    expect(first.context).toEqual({ locale: 'de' })
    expect(first._tributary).toMatchObject({
      sent: { context: { trusted: true } },
      flags: ['trusted_removed'],
    })
    expect(second.context).toEqual(context)
    expect(second._tributary).not.toHaveProperty('sent')
  })
})

describe('control records', () => {
  const names = ['$unlink', '$delete', '$suppress', '$unsuppress']
  const forms = names.flatMap((name): object[] => [
    { type: name, id: 'userId:u1', a: 'userId:u1', b: 'email:x@y.z', messageId: 'c' },
    track('c', { event: name }),
  ])
  test.for(['wk_strict', 'sk_strict', 'wk_open'])('are taken from no key: %s', async (key) => {
    for (const form of forms) {
      const { results } = await json(post('/v1/batch', batch(key, [form, track('good')])))
      expect(results.c).toMatchObject({ status: 'rejected', code: 'control_record_not_allowed' })
      expect(results.c.message.includes('/api/privacy')).toBe(key === 'sk_strict')
      expect(['accepted', 'duplicate']).toContain(results.good.status)
    }
    const named = { type: '$delete', event: 'E', userId: 'u', writeKey: key }
    expect(await json(post('/v1/track', JSON.stringify(named)))).toMatchObject({
      code: 'control_record_not_allowed',
    })
    expect((await quarantined()).map(({ payload }) => payload)).toEqual(
      expect.arrayContaining(forms.map((form) => expect.objectContaining(form))),
    )
  })
})

describe('a source that is disabled', () => {
  test('takes nothing, and tells mobile clients in a way that ends their retries', async () => {
    const inRequest = await post('/v1/batch?writeKey=wk_off', batch('wk_off', [track('m1')]))
    const inBody = await post('/v1/batch', batch('wk_off', [track('m1')]))
    expect([inRequest.status, inBody.status]).toEqual([403, 400])
    for (const response of [inRequest, inBody]) {
      expect(await json(response)).toMatchObject({ success: false, code: 'source_disabled' })
    }
    expect(await storedEvents()).toEqual([])
  })

  test('gives settings that stop the clients', async () => {
    const segment = await get('/v1/projects/wk_off/settings', {})
    expect(segment.status).toBe(404)
    expect(await json(segment)).toMatchObject({ code: 'source_disabled' })
    expect((await json(get('/sourceConfig?writeKey=wk_off', {}))).source.enabled).toBe(false)
  })
})

describe('rate limits', () => {
  test('end with 429, each key for itself, readable by the page', async () => {
    const send = (key: string) => post('/v1/batch', batch(key, [track('m1')]), PAGE)
    const answers = await untilLimited(() => send('wk_limited'))
    const refused = answers.pop() as Response
    expect(refused.status).toBe(429)
    expect(answers.length).toBeGreaterThanOrEqual(3)
    expect(await json(refused)).toMatchObject({ success: false, code: 'rate_limited' })
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '60',
      'access-control-allow-origin': PAGE.origin,
      'access-control-expose-headers': 'Retry-After',
    })
    expect((await send('wk_limited_too')).status).toBe(200)
  })

  test('count a request whose key is known before its body is read', async () => {
    const early = () => post('/v1/batch?writeKey=wk_limited', '{"batch":[]}')
    expect((await untilLimited(early)).at(-1)?.status).toBe(429)
    expect(await quarantined()).toEqual([])
  })

  test('whose binding is missing lose nothing and are loud', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const response = await post('/v1/batch', batch('wk_unbound', [track('m1')]))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await json(response)).toMatchObject({ code: 'rate_limit_unbound' })
    expect(log.mock.calls.join()).toContain('NOT_THERE')
    log.mockRestore()
  })
})

test('write keys grant no reads', async () => {
  for (const key of ['wk_open', 'wk_strict', 'sk_strict']) {
    const authorizations = [`Bearer ${key}`, `Basic ${btoa(`${key}:`)}`]
    for (const authorization of authorizations) {
      const response = await worker.fetch(`${HOST}/api/events?writeKey=${key}`, {
        headers: { authorization, 'x-write-key': key },
      })
      expect(response.status).toBe(401)
    }
  }
})

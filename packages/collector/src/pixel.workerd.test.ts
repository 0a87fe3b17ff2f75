import { afterEach, describe, expect, test } from 'vitest'
import { forgetAll, get, HOST, quarantined, storedEvents, track, worker } from '../test-client.ts'

afterEach(forgetAll)

const base64 = (value: unknown) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
const EVENT = { event: 'Öffnung', userId: 'u?>1', properties: { subject: 'ÿÿ>>??' } }

async function expectGif(response: Response) {
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('image/gif')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(new TextDecoder().decode(bytes.slice(0, 6))).toBe('GIF89a')
  expect([...bytes.slice(6, 10)]).toEqual([1, 0, 1, 0])
  return response.headers.get('x-tributary-code')
}

describe('a pixel', () => {
  const forms: Record<string, string> = {
    base64: `/v1/pixel/track?writeKey=wk_open&data=${encodeURIComponent(base64(EVENT))}`,
    'base64 whose + was not escaped': `/pixel/v1/track?writeKey=wk_open&data=${base64(EVENT)}`,
    base64url: `/api/px/track?writekey=wk_open&data=${base64(EVENT).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`,
    'the key in the data': `/pixel/t?data=${encodeURIComponent(base64({ ...EVENT, writeKey: 'wk_open' }))}`,
    'dotted parameters': `/v1/pixel/track?writeKey=wk_open&event=${encodeURIComponent(EVENT.event)}&userId=${encodeURIComponent(EVENT.userId)}&properties.subject=${encodeURIComponent(EVENT.properties.subject)}`,
  }
  test.for(Object.entries(forms))('is read from %s', async ([, path]) => {
    expect(await expectGif(await get(path, {}))).toBe('accepted')
    const [stored] = await storedEvents()
    expect(stored).toMatchObject({ ...EVENT, type: 'track', source: 'open' })
    expect(stored).not.toHaveProperty('writeKey')
  })

  test('comes from a device, so its address and user agent are noted', async () => {
    const facts = { 'cf-connecting-ip': '203.0.113.9', 'user-agent': 'Mail/1' }
    await get('/v1/pixel/page?writeKey=wk_open&anonymousId=a', facts)
    expect((await storedEvents())[0].context).toMatchObject({
      ip: '203.0.113.9',
      userAgent: 'Mail/1',
    })
  })

  test('seen twice is two events, unless it has an id', async () => {
    for (let view = 0; view < 2; view++) {
      await get('/v1/pixel/page?writeKey=wk_open&anonymousId=a', {})
      await get('/v1/pixel/page?writeKey=wk_open&anonymousId=a&messageId=once', {})
    }
    expect(await storedEvents()).toHaveLength(3)
  })

  const refusals: [string, string, number][] = [
    ['/v1/pixel/track?writeKey=wk_open&data=!!', 'invalid_json', 1],
    ['/v1/pixel/track?writeKey=wk_open&data=bm9uc2Vuc2U', 'invalid_json', 1],
    ['/v1/pixel/track?writeKey=wk_open&userId=u', 'missing_event_name', 1],
    ['/v1/pixel/page?writeKey=wk_off&userId=u', 'source_disabled', 0],
    ['/v1/pixel/page?writeKey=sk_strict&userId=u', 'server_key_in_page', 0],
    ['/v1/pixel/page?writeKey=nobody&userId=u', 'unknown_write_key', 0],
    ['/v1/pixel/page?userId=u', 'missing_write_key', 0],
    ['/v1/pixel/page?writeKey=wk_unbound&userId=u', 'rate_limit_unbound', 0],
    ['/v1/pixel/nonsense?writeKey=wk_open&userId=u', 'unknown_type', 0],
    ['/v1/pixel/batch?writeKey=wk_open&userId=u', 'unknown_type', 0],
  ]
  test.for(refusals)('%s is an image too, with the code %s', async ([path, code, kept]) => {
    expect(await expectGif(await get(path, {}))).toBe(code)
    expect(await storedEvents()).toEqual([])
    expect(await quarantined()).toHaveLength(kept)
  })

  test('asked for by HEAD records nothing', async () => {
    const path = '/v1/pixel/page?writeKey=wk_open&userId=u'
    const response = await worker.fetch(`${HOST}${path}`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await storedEvents()).toEqual([])
  })

  test('never sends a browser elsewhere', async () => {
    const path = `/api/px/page?writeKey=wk_open&data=${base64(track('m1'))}&destination_url=https://evil.example`
    const response = await worker.fetch(`${HOST}${path}`, { redirect: 'manual' })
    expect(await expectGif(response)).toBe('accepted')
    expect(response.headers.has('location')).toBe(false)
  })
})

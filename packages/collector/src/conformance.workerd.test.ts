import { afterEach, describe, expect, test } from 'vitest'
import {
  batch,
  compressed,
  forgetAll,
  get,
  HOST,
  json,
  post,
  quarantined,
  storedEvents,
  track,
  untilLimited,
  worker,
} from '../test-client.ts'

afterEach(forgetAll)

/** The rules that let every deployed client of Segment's protocol work, one block each. */
const SINGLE = JSON.stringify({ ...track('m1'), writeKey: 'wk_open' })
const ANY = { event: 'E', userId: 'u', groupId: 'g', previousId: 'p', writeKey: 'wk_open' }

describe('R1: paths', () => {
  const long = ['track', 'identify', 'page', 'screen', 'group', 'alias']
  const short = ['t', 'i', 'p', 's', 'g', 'a']
  const types = new Map([...long, ...short].map((name, index) => [name, long[index % 6]]))
  const batches = ['batch', 'b', 'import', 'batch/b']
  test.for(['/v1', '', '/api/s', '/api/s/s2s', '/beacon/v1'])('under "%s"', async (prefix) => {
    for (const [name, type] of types) {
      for (const path of [`${prefix}/${name}`, `${prefix}/${name}/`]) {
        const event = JSON.stringify({ ...ANY, messageId: `${path}` })
        expect((await post(path, event)).status).toBe(200)
      }
      expect(await storedEvents(`&messageId=${prefix}/${name}`)).toMatchObject([{ type }])
    }
    for (const name of batches) {
      const { results } = await json(
        post(`${prefix}/${name}`, batch('wk_open', [track(`m-${name}`)])),
      )
      expect(results[`m-${name}`]).toEqual({ status: 'accepted' })
    }
  })

  test('what clients report about themselves is swallowed', async () => {
    for (const path of ['/v1/m', '/m', '/rsaMetrics']) {
      expect(await json(post(path, 'nonsense'))).toEqual({ success: true, ok: true })
    }
    expect(await quarantined()).toEqual([])
  })
})

describe('R2: the first known key counts', () => {
  /** Places in their order; each is given a key, or one that nobody has. */
  const places = ['basic', 'xWriteKey', 'query', 'body', 'event'] as const
  async function sourceOf(keys: Partial<Record<(typeof places)[number], string>>) {
    const headers: Record<string, string> = {}
    if (keys.basic) headers.authorization = `Basic ${btoa(`${keys.basic}:`)}`
    if (keys.xWriteKey) headers['x-write-key'] = `${keys.xWriteKey}:secret`
    const query = keys.query ? `?writeKey=${keys.query}` : ''
    const event = { ...track('m1'), ...(keys.event && { writeKey: keys.event }) }
    const body = { batch: [event], ...(keys.body && { writeKey: keys.body }) }
    const response = await post(`/v1/batch${query}`, JSON.stringify(body), headers)
    expect(response.status).toBe(200)
    return (await storedEvents())[0].source
  }
  test.for(places.map((place, index) => [place, index] as const))('%s', async ([, index]) => {
    const later = places.slice(index + 1).map((place) => [place, 'wk_strict'])
    const keys = Object.fromEntries([...later, [places[index], 'wk_open']])
    expect(await sourceOf(keys)).toBe('open')
  })
  test('one that nobody has is passed over', async () => {
    expect(await sourceOf({ basic: 'nobody', query: 'nobody', event: 'wk_strict' })).toBe('strict')
  })
})

describe('R3: the body decides and not its headers', () => {
  const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'image/png']
  const encodings = ['gzip', 'deflate', 'br', 'identity', 'utf-8']
  const forms = ['plain', 'gzip', 'deflate'] as const
  test.for(forms)('%s under any content type and any stated encoding', async (form) => {
    const body = form === 'plain' ? SINGLE : await compressed(SINGLE, form)
    for (const type of types) {
      for (const encoding of encodings) {
        const headers = { 'content-type': type, 'content-encoding': encoding }
        expect((await post('/v1/track', body, headers)).status).toBe(200)
      }
    }
    expect(await storedEvents()).toHaveLength(1)
  })

  test('what this platform cannot inflate is refused by name, and kept', async () => {
    const zstd = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2])
    const response = await post('/v1/batch?writeKey=wk_open', zstd)
    expect(response.status).toBe(400)
    expect(await json(response)).toMatchObject({
      code: 'unsupported_encoding',
      message: expect.stringMatching(/zstd.*gzip, deflate/),
    })
    expect(await quarantined()).toMatchObject([{ code: 'unsupported_encoding' }])
  })

  test('a byte order mark is no part of it', async () => {
    expect((await post('/v1/track', `\ufeff${SINGLE}`)).status).toBe(200)
  })
})

describe('R4: success', () => {
  test('is 200 with a JSON object, for one, for many, for none and for a repeat', async () => {
    const sends = [
      post('/v1/track', SINGLE),
      post('/v1/track', SINGLE),
      post('/v1/batch', `{"writeKey":"wk_open","batch":[${SINGLE}]}`),
      post('/v1/batch', '{"writeKey":"wk_open","batch":[]}'),
    ]
    for (const response of await Promise.all(sends)) {
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(await json(response)).toEqual({ success: true, ok: true })
    }
  })
})

describe('R5: refusals', () => {
  test('that are final are 400 with code, message and error', async () => {
    for (const body of ['nonsense', '5', '{}', '{"batch":{}}']) {
      const response = await post('/v1/batch?writeKey=wk_open', body)
      expect(response.status).toBe(400)
      const { success, code, message, error } = await json(response)
      expect({ success, error }).toEqual({ success: false, error: message })
      expect(code).toMatch(/^[a-z_]+$/)
    }
  })

  test('that are temporary say when to come back, in whole seconds', async () => {
    const unbound = await post('/v1/batch', batch('wk_unbound', [track('m1')]))
    const send = () => post('/v1/batch', batch('wk_limited', [track('m1')]))
    const limited = (await untilLimited(send)).at(-1) as Response
    expect([unbound.status, limited.status]).toEqual([503, 429])
    for (const response of [unbound, limited]) {
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(300)
      expect(await json(response)).toMatchObject({ success: false, code: expect.any(String) })
    }
  })
})

test('R6: an unknown key is 401 where it stood in the request, 400 where only in the body', async () => {
  const inBody = await post('/v1/b', batch('nobody', []))
  const inRequest = await post('/v1/b', batch('nobody', []), { 'x-write-key': 'nobody' })
  expect([inBody.status, inRequest.status]).toEqual([400, 401])
})

describe('R7: preflights', () => {
  test.for(['/v1/t', '/batch', '/v1/webhook', '/sourceConfig', '/v1/projects/wk_open/settings'])(
    '%s echoes what is asked',
    async (path) => {
      const asked = 'authorization,anonymousid,rsa-recovered,x-retry-count'
      const response = await worker.fetch(`${HOST}${path}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://any.example', 'access-control-request-headers': asked },
      })
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'access-control-allow-origin': 'https://any.example',
        'access-control-allow-headers': asked,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After',
        'access-control-max-age': '86400',
        vary: expect.stringContaining('Origin'),
      })
    },
  )
})

test('R8: one bad event costs its batch nothing', async () => {
  const bad = { type: 'nope', messageId: 'bad' }
  const { results } = await json(post('/v1/b', batch('wk_open', [bad, track('good'), null])))
  expect(results).toMatchObject({
    bad: { status: 'rejected', code: 'unknown_type' },
    good: { status: 'accepted' },
    '#2': { status: 'rejected', code: 'not_an_object' },
  })
  expect(await quarantined()).toHaveLength(2)
})

describe('R9: times', () => {
  const at = '2024-02-29T23:30:00.000Z'
  const ms = Date.parse(at)
  test.for<[unknown, string]>([
    ['2024-02-29T23:30:00Z', at],
    ['2024-02-29T23:30:00.000+00:00', at],
    ['2024-03-01T01:30:00+02:00', at],
    ['2024-02-29T18:30:00-0500', at],
    ['2024-02-29T23:30:00', at],
    [ms, at],
    [String(ms), at],
    [ms / 1000, at],
    [ms * 1000, at],
  ])('%j is read', async ([timestamp, expected]) => {
    await post('/v1/b', batch('wk_open', [track('m1', { timestamp })]))
    const [stored] = await storedEvents()
    expect(stored.timestamp).toBe(expected)
    expect(stored.originalTimestamp).toEqual(timestamp)
  })

  test.for(['yesterday', '', {}, [], true, -1, '9'.repeat(400)])(
    '%j is no reason to refuse an event',
    async (timestamp) => {
      const { results } = await json(post('/v1/b', batch('wk_open', [track('m1', { timestamp })])))
      expect(results.m1).toEqual({ status: 'accepted' })
      const [stored] = await storedEvents()
      expect(stored.timestamp).toBe(stored.receivedAt)
      expect(stored.originalTimestamp).toEqual(timestamp)
      expect(stored._tributary.flags).toContain('timestamp_unreadable')
    },
  )
})

test('HEAD is answered wherever GET is', async () => {
  for (const path of ['/healthz', '/healthz/ready', '/v1/projects/wk_open/settings']) {
    const response = await worker.fetch(`${HOST}${path}`, { method: 'HEAD' })
    expect(response.status).toBe((await get(path)).status)
    expect(await response.text()).toBe('')
  }
})

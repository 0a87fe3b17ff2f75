import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { RecordFilter } from './core/record.ts'
import type { CollectorEnv } from './env.ts'
import { listRecords } from './list-records.ts'

const { LAKE } = env as unknown as CollectorEnv
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADMIN = { authorization: 'Bearer at_test_token' }

afterEach(async () => {
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

function post(path: string, body: BodyInit, headers: Record<string, string> = {}) {
  return worker.fetch(`${HOST}${path}`, { method: 'POST', body, headers })
}

/** A batch that asks for verdicts. */
function batch(events: unknown[], more = {}) {
  return JSON.stringify({ writeKey: 'wk_open', verdicts: true, batch: events, ...more })
}

function track(messageId: string, more = {}) {
  return { type: 'track', event: 'Tested', anonymousId: 'a1', messageId, ...more }
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
async function json(response: Response | Promise<Response>): Promise<any> {
  return (await response).json()
}

function get(path: string) {
  return worker.fetch(`${HOST}${path}`, { headers: ADMIN })
}

async function storedEvents(query = '') {
  return (await json(get(`/api/events?limit=1000${query}`))).events
}

async function exported(query = '') {
  const response = await get(`/api/events/export${query}`)
  return new TextDecoder().decode(await response.arrayBuffer())
}

async function gzip(text: string, format: 'gzip' | 'deflate' = 'gzip') {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(format))
  return new Response(stream).arrayBuffer()
}

describe('write keys', () => {
  const event = JSON.stringify(track('m1'))
  const forms: Record<string, () => Promise<Response>> = {
    'Basic with a colon': () =>
      post('/v1/track', event, { authorization: `Basic ${btoa('wk_open:')}` }),
    'Basic without a colon': () =>
      post('/v1/track', event, { authorization: `Basic ${btoa('wk_open')}` }),
    Bearer: () => post('/v1/track', event, { authorization: 'Bearer wk_open' }),
    'Bearer of something else and the key in the body': () =>
      post('/v1/track', JSON.stringify({ ...track('m1'), writeKey: 'wk_open' }), {
        authorization: 'Bearer oauth-token',
      }),
    'X-Write-Key': () => post('/v1/track', event, { 'x-write-key': 'wk_open:secret' }),
    'the query': () => post('/v1/track?writeKey=wk_open', event),
    'the query in lower case': () => post('/v1/track?writekey=wk_open', event),
    'the body': () => post('/v1/track', JSON.stringify({ ...track('m1'), writeKey: 'wk_open' })),
    'the first event of a batch': () =>
      post('/v1/batch', JSON.stringify({ batch: [{ ...track('m1'), writeKey: 'wk_open' }] })),
  }
  test.for(Object.entries(forms))('are read from %s', async ([, send]) => {
    expect(await json(send())).toEqual({ success: true, ok: true })
    const [stored] = await storedEvents()
    expect(stored).toMatchObject({ messageId: 'm1', source: 'open' })
    expect(stored).not.toHaveProperty('writeKey')
  })

  test('a missing or unknown one is refused with a code', async () => {
    const cases = [
      { send: post('/v1/track', event), status: 401, code: 'missing_write_key' },
      { send: post('/v1/track?writeKey=no', event), status: 401, code: 'unknown_write_key' },
      {
        send: post('/v1/track', JSON.stringify({ ...track('m1'), writeKey: 'no' })),
        status: 400,
        code: 'unknown_write_key',
      },
    ]
    for (const { send, status, code } of cases) {
      const response = await send
      expect(response.status).toBe(status)
      const body = await json(response)
      expect(body).toMatchObject({ success: false, code })
      expect(body.error).toBe(body.message)
    }
  })
})

describe('paths', () => {
  const long = ['track', 'identify', 'page', 'screen', 'group', 'alias']
  const short = ['t', 'i', 'p', 's', 'g', 'a']
  const paths = [...long, ...short].flatMap((name) => [`/v1/${name}`, `/${name}`, `/v1/${name}/`])
  test.for(paths)('%s takes a single event', async (path) => {
    const event = { event: 'E', userId: 'u', groupId: 'g', previousId: 'p', writeKey: 'wk_open' }
    expect((await post(path, JSON.stringify(event))).status).toBe(200)
    expect(await storedEvents()).toHaveLength(1)
  })
  test.for(['/v1/batch', '/v1/b', '/v1/import', '/batch', '/b', '/import'])(
    '%s takes a batch',
    async (path) => {
      expect((await post(path, batch([track('m1'), track('m2')]))).status).toBe(200)
      expect(await storedEvents()).toHaveLength(2)
    },
  )
  test.for(['/api/s/track', '/api/s/s2s/track', '/api/s/event', '/api/s/e', '/beacon/v1/batch'])(
    '%s, of other clients, takes events too, without the admin token',
    async (path) => {
      const event = { ...track('m1'), writeKey: 'wk_open' }
      const body = path.endsWith('batch') ? batch([event]) : JSON.stringify(event)
      expect((await post(path, body)).status).toBe(200)
      expect(await storedEvents()).toHaveLength(1)
    },
  )
  test.for(['/v1/m', '/rsaMetrics'])('%s is taken and thrown away', async (path) => {
    expect(await json(post(path, '{"series":[]}'))).toEqual({ success: true, ok: true })
    expect(await storedEvents()).toEqual([])
  })
  test('other methods and paths are refused with a code', async () => {
    for (const path of ['/v1/track', '/api/drain']) {
      const response = await worker.fetch(`${HOST}${path}`, { headers: ADMIN })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
      expect(await json(response)).toMatchObject({ code: 'method_not_allowed' })
    }
    expect(await json(worker.fetch(`${HOST}/nowhere`))).toMatchObject({ code: 'not_found' })
    expect(await json(worker.fetch(`${HOST}/healthz`))).toMatchObject({ status: 'ok' })
  })
})

describe('bodies', () => {
  test.for(['gzip', 'deflate'] as const)(
    '%s is inflated whatever the headers say',
    async (format) => {
      const body = await gzip(batch([track('m1')]), format)
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect((await post('/v1/batch', body, form)).status).toBe(200)
      expect((await post('/v1/batch', body, { 'content-encoding': format })).status).toBe(200)
      expect(await storedEvents()).toHaveLength(1)
    },
  )

  test('a bomb is refused without being inflated, and something of it is kept', async () => {
    const bomb = await gzip(' '.repeat(50_000_000))
    expect(bomb.byteLength).toBeLessThan(100_000)
    const response = await post('/v1/batch?writeKey=wk_open', bomb)
    expect(response.status).toBe(413)
    expect(await json(response)).toMatchObject({ code: 'body_too_large' })
    const { quarantine } = await json(get('/api/quarantine'))
    expect(quarantine).toMatchObject([{ code: 'body_too_large', source: 'open' }])
  })

  test.for([
    ['not JSON', 'nonsense', 'invalid_json'],
    ['cut off gzip', new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0]), 'invalid_compression'],
    ['a number', '5', 'not_an_object'],
    ['no batch', '{}', 'missing_batch'],
  ] as const)('%s is refused and kept', async ([, body, code]) => {
    const response = await post('/v1/batch?writeKey=wk_open', body)
    expect(response.status).toBe(400)
    expect(await json(response)).toMatchObject({ success: false, code })
    expect((await json(get('/api/quarantine'))).quarantine).toMatchObject([{ code }])
  })

  test('one that is too large is refused as such, also where nobody can read its key', async () => {
    const large = batch([track('m1', { properties: { pad: 'x'.repeat(1_100_000) } })])
    const unknown = await post('/v1/batch', large)
    expect(unknown.status).toBe(413)
    expect((await json(get('/api/quarantine'))).quarantine).toEqual([])
    const known = await post('/v1/batch?writeKey=wk_open', large)
    expect(await json(known)).toMatchObject({ code: 'body_too_large' })
    const [kept] = (await json(get('/api/quarantine'))).quarantine
    expect(kept).toMatchObject({ code: 'body_too_large' })
    expect(large.startsWith(kept.payload)).toBe(true)
    expect(kept.payload.length).toBe(64 * 1024)
  })

  test('a refused one is kept whole', async () => {
    const text = `nonsense ${'é"\\'.repeat(150_000)}`
    expect((await post('/v1/batch?writeKey=wk_open', text)).status).toBe(400)
    const [kept] = (await json(get('/api/quarantine'))).quarantine
    expect(kept.payload).toBe(text)
  })

  test('what a batch shares cannot blow it up', async () => {
    const shared = { context: { pad: 'x'.repeat(100_000) } }
    const events = Array.from({ length: 2500 }, (_, index) => track(`m${index}`))
    const response = await post('/v1/batch', batch(events, shared))
    expect(response.status).toBe(413)
    expect(await json(response)).toMatchObject({ code: 'body_too_large' })
  })

  test('too many events are refused as too large', async () => {
    const response = await post('/v1/batch', batch(Array(2501).fill(1)))
    expect(response.status).toBe(413)
    expect(await json(response)).toMatchObject({ code: 'too_many_events' })
  })
})

describe('verdicts', () => {
  test('one bad event never fails its batch', async () => {
    const events = [track('m1'), track('m2', { event: '' }), 7, track('m1'), track('m3')]
    const { results } = await json(post('/v1/batch', batch(events)))
    expect(results).toMatchObject({
      m1: { status: 'accepted' },
      m2: { status: 'rejected', code: 'missing_event_name' },
      '#2': { status: 'rejected', code: 'not_an_object' },
      m3: { status: 'accepted' },
    })
    expect(await storedEvents()).toHaveLength(2)
    const { quarantine } = await json(get('/api/quarantine'))
    expect(quarantine.map(({ payload }: { payload: unknown }) => payload)).toEqual(
      expect.arrayContaining([7, expect.objectContaining({ messageId: 'm2', event: '' })]),
    )
  })

  test('a client that does not ask for them is told of refusals all the same', async () => {
    const body = JSON.stringify({
      writeKey: 'wk_open',
      batch: [track('m1'), track('m2', { event: 5 })],
    })
    expect(await json(post('/v1/batch', body))).toMatchObject({
      success: true,
      ok: true,
      errors: [{ index: 1, messageId: 'm2', code: 'missing_event_name' }],
    })
  })

  test('a single event that is refused is a 400, and kept once', async () => {
    const body = JSON.stringify({ ...track('m1', { event: null }), writeKey: 'wk_open' })
    for (let delivery = 0; delivery < 2; delivery++) {
      const response = await post('/v1/track', body)
      expect(response.status).toBe(400)
      expect(await json(response)).toMatchObject({ code: 'missing_event_name' })
    }
    expect((await json(get('/api/quarantine'))).quarantine).toHaveLength(1)
  })

  test('repeats are duplicates however they are batched, also after a drain', async () => {
    await post('/v1/batch', batch([track('m1'), track('m2')]))
    await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
    const { results } = await json(
      post('/v1/batch', batch([track('m2'), track('m3')], { sentAt: new Date().toISOString() })),
    )
    expect(results).toEqual({ m2: { status: 'duplicate' }, m3: { status: 'accepted' } })
    await post('/v1/track', JSON.stringify({ ...track('m1'), writeKey: 'wk_open' }))
    expect(await storedEvents()).toHaveLength(3)
    const { sources } = await json(get('/api/stats'))
    expect(sources.open).toEqual({ accepted: 3, duplicates: 2, quarantined: {} })
  })

  test('the same id with other content is in quarantine, not counted, not lost', async () => {
    await post('/v1/batch', batch([track('m1')]))
    const { results } = await json(
      post('/v1/batch', batch([track('m1', { properties: { n: 2 } })])),
    )
    expect(results.m1).toMatchObject({ status: 'rejected', code: 'id_conflict' })
    expect(await storedEvents()).toHaveLength(1)
    expect((await json(get('/api/quarantine?code=id_conflict'))).quarantine).toMatchObject([
      { payload: { messageId: 'm1', properties: { n: 2 } } },
    ])
  })

  test('an event without an id has its verdict under its place in the batch', async () => {
    const { messageId: _, ...event } = track('')
    const { results } = await json(post('/v1/batch', batch([track('m1'), event])))
    expect(results).toEqual({ m1: { status: 'accepted' }, '#1': { status: 'accepted' } })
  })

  test('the wish for verdicts is no part of a single event', async () => {
    const single = JSON.stringify({ ...track('m1'), writeKey: 'wk_open', verdicts: true })
    expect((await json(post('/v1/track', single))).results.m1).toEqual({ status: 'accepted' })
    expect((await storedEvents())[0]).not.toHaveProperty('verdicts')
    const { results } = await json(post('/v1/batch', batch([track('m1')])))
    expect(results.m1).toEqual({ status: 'duplicate' })
  })

  test('ids that are long numbers keep their digits', async () => {
    const sent = `{"writeKey":"wk_open","verdicts":true,"batch":[
      {"type":"track","event":"E","userId":9007199254740993,"messageId":9007199254750003},
      {"type":"track","event":"E","userId":9007199254740992,"messageId":9007199254750004}]}`
    const { results } = await json(post('/v1/batch', sent))
    expect(results).toEqual({
      '9007199254750003': { status: 'accepted' },
      '9007199254750004': { status: 'accepted' },
    })
    const people = (await storedEvents()).map(({ userId }: { userId: string }) => userId)
    expect(people.sort()).toEqual(['9007199254740992', '9007199254740993'])
  })

  test('a retry that comes without what its batch shared is known all the same', async () => {
    await post('/v1/batch', batch([track('m1')], { context: { locale: 'de' } }))
    const { results } = await json(post('/v1/batch', batch([track('m1')])))
    expect(results.m1).toEqual({ status: 'duplicate' })
  })

  test('of two verdicts on one id, the more urgent is told', async () => {
    const { results } = await json(
      post('/v1/batch', batch([track('m1'), track('m1', { extra: 1 })])),
    )
    expect(results.m1).toMatchObject({ status: 'rejected', code: 'id_conflict' })
  })

  test('the same id in two sources is two events', async () => {
    await post('/v1/batch', batch([track('m1')]))
    await post('/v1/batch', batch([track('m1')], { writeKey: 'wk_web' }))
    expect(await storedEvents()).toHaveLength(2)
    expect(await storedEvents('&source=web')).toHaveLength(1)
  })

  test('a retry without a messageId is met by its content; a second occurrence is not', async () => {
    const { messageId: _, ...event } = track('')
    const dated = { ...event, timestamp: '2026-11-01T10:00:00Z', writeKey: 'wk_open' }
    for (let delivery = 0; delivery < 2; delivery++) await post('/v1/track', JSON.stringify(dated))
    expect(await storedEvents()).toHaveLength(1)
    const undated = JSON.stringify({ ...event, writeKey: 'wk_open' })
    for (let occurrence = 0; occurrence < 2; occurrence++) await post('/v1/track', undated)
    expect(await storedEvents()).toHaveLength(3)
    // A time that says nothing tells no two occurrences apart.
    const unreadable = JSON.stringify({ ...event, timestamp: 'now', writeKey: 'wk_open' })
    for (let occurrence = 0; occurrence < 2; occurrence++) await post('/v1/track', unreadable)
    expect(await storedEvents()).toHaveLength(5)
  })
})

describe('hostile events', () => {
  const hostile: Record<string, string> = {
    'nested deep': `{"type":"track","event":"E","userId":"u","properties":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
    'an array nested deep': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    'one too large': JSON.stringify(track('m9', { properties: { pad: 'x'.repeat(70_000) } })),
    'one that grows when written again': `{"type":"track","event":"E","userId":"u","properties":{"n":[${'1e20,'.repeat(50_000)}1]}}`,
    'one too large in bytes, not in characters': JSON.stringify(
      track('m9', { properties: { pad: '€'.repeat(22_000) } }),
    ),
    'control characters': JSON.stringify(
      track('m9', { properties: { pad: '\u0000'.repeat(90_000) } }),
    ),
  }
  test.for(Object.entries(hostile))('%s goes to quarantine beside a good one', async ([, text]) => {
    const body = `{"writeKey":"wk_open","verdicts":true,"batch":[${text},${JSON.stringify(track('good'))}]}`
    const response = await post('/v1/batch', body)
    expect(response.status).toBe(200)
    expect((await json(response)).results.good).toEqual({ status: 'accepted' })
    expect(await storedEvents()).toHaveLength(1)
    expect((await json(get('/api/quarantine'))).quarantine).toHaveLength(1)
  })

  const odd = [
    { anonymousId: { toString: 1 } },
    { userId: [{ toString: null }], anonymousId: null },
    { messageId: undefined, sentAt: { toString: 1 } },
    { messageId: undefined, timestamp: { toString: 1 } },
    { messageId: { a: 1 }, timestamp: [] },
    { timestamp: '-271821-04-21T00:00:00Z', sentAt: '+275760-09-12T00:00:00Z' },
    { type: 'nope', anonymousId: { toString: 1 } },
  ]
  test.for(odd)('%j has a verdict, and so has its neighbour', async (fields) => {
    const response = await post('/v1/batch', batch([track('good'), { ...track('odd'), ...fields }]))
    expect(response.status).toBe(200)
    const { results } = await json(response)
    expect(Object.keys(results)).toHaveLength(2)
    expect(results.good).toEqual({ status: 'accepted' })
  })

  test('whatever JSON comes is stored or in quarantine, and never a 503', async () => {
    const field = fc.constantFrom(
      'type',
      'event',
      'userId',
      'anonymousId',
      'messageId',
      'timestamp',
      'sentAt',
      'context',
      'properties',
      '_tributary',
      'toString',
    )
    const hostile = fc.dictionary(field, fc.jsonValue(), { maxKeys: 6 })
    const property = fc.asyncProperty(
      fc.array(fc.oneof(hostile, fc.jsonValue())),
      async (events) => {
        const named = events.map((event, index) => ({
          ...track(`f${index}`),
          ...(event as object),
        }))
        const response = await post('/v1/batch', batch([...events, ...named]))
        expect(response.status).toBe(200)
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  test('a body full of them neither exhausts memory nor loses one', async () => {
    const deep = (index: number) =>
      `{"type":"track","event":"E","userId":"u","messageId":"d${index}","properties":${'['.repeat(300)}${']'.repeat(300)}}`
    const events = Array.from({ length: 1400 }, (_, index) => deep(index))
    const body = `{"writeKey":"wk_open","verdicts":true,"batch":[${events}]}`
    const { results } = await json(post('/v1/batch', body))
    expect(Object.keys(results)).toHaveLength(1400)
    expect(results.d7).toMatchObject({ status: 'rejected', code: 'nested_too_deep' })
    const { sources } = await json(get('/api/stats'))
    expect(sources.open.quarantined).toEqual({ nested_too_deep: 1400 })
  })

  test('what looks like the collector’s own notes is kept apart from them', async () => {
    const forged = track('m1', { _tributary: { flags: 5, sent: 'x' }, timestamp: 'never' })
    expect((await post('/v1/batch', batch([forged]))).status).toBe(200)
    expect((await storedEvents())[0]._tributary).toEqual({
      sent: { _tributary: { flags: 5, sent: 'x' } },
      flags: ['timestamp_unreadable'],
      clock: { method: 'received', confidence: 'low' },
    })
  })

  test('odd but well-formed ones are stored as they came', async () => {
    const properties = JSON.parse(
      '{"__proto__":{"a":1},"constructor":2,"":3,"\\ud800":"\\udfff","e":"é\\u0000"}',
    )
    const sent = track('m1', { properties, toString: 1, hasOwnProperty: 2 })
    expect((await post('/v1/batch', batch([sent]))).status).toBe(200)
    await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
    const [stored] = await storedEvents()
    expect(JSON.stringify(stored.properties)).toBe(JSON.stringify(properties))
    expect(stored).toMatchObject({ toString: 1, hasOwnProperty: 2 })
  })
})

describe('CORS', () => {
  test('a preflight is told what it asks for', async () => {
    const response = await worker.fetch(`${HOST}/v1/t`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-retry-count',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-headers': 'authorization,x-retry-count',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '86400',
    })
    expect(response.headers.get('vary')).toContain('Origin')
  })

  test('answers, errors too, can be read by the page', async () => {
    const headers = { origin: 'https://shop.example' }
    for (const body of [batch([track('m1')]), 'nonsense']) {
      const response = await post('/v1/batch', body, headers)
      expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
      expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
    }
  })

  test('a source takes events from its own origins and from servers', async () => {
    const send = (headers: Record<string, string>) =>
      post('/v1/batch', batch([track('m1')], { writeKey: 'wk_web' }), headers)
    const refused = await send({ origin: 'https://evil.example' })
    expect(refused.status).toBe(403)
    expect(await json(refused)).toMatchObject({ code: 'origin_not_allowed' })
    expect(await storedEvents()).toHaveLength(0)
    expect((await send({ origin: 'https://shop.example' })).status).toBe(200)
    expect((await send({})).status).toBe(200)
  })

  test('a browser has its address and user agent noted, a server has not', async () => {
    const facts = { 'cf-connecting-ip': '203.0.113.9', 'user-agent': 'Test/1' }
    await post('/v1/batch', batch([track('m1')]), { ...facts, origin: 'https://shop.example' })
    await post('/v1/batch', batch([track('m2')]), facts)
    const [second, first] = await storedEvents()
    expect(first.context).toMatchObject({ ip: '203.0.113.9', userAgent: 'Test/1' })
    expect(second.context).toBeUndefined()
  })
})

describe('settings for clients that ask before they send', () => {
  test('name this collector as the place to send to', async () => {
    for (const prefix of ['/v1', '']) {
      const headers = { origin: 'https://shop.example' }
      const response = await worker.fetch(`${HOST}${prefix}/projects/wk_open/settings`, { headers })
      expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
      const { integrations } = await json(response)
      expect(Object.keys(integrations)).toEqual(['Segment.io'])
      expect(integrations['Segment.io']).toMatchObject({
        apiKey: 'wk_open',
        apiHost: 'collector.example/v1',
        protocol: 'https',
      })
    }
    const authorization = `Basic ${btoa('wk_open:')}`
    const rudder = worker.fetch(`${HOST}/sourceConfig/?p=npm&v=3`, { headers: { authorization } })
    expect(await json(rudder)).toMatchObject({ source: { id: 'open', enabled: true } })
  })

  test('are not there for an unknown key', async () => {
    for (const path of ['/v1/projects/no/settings', '/sourceConfig/?writeKey=no']) {
      const response = await worker.fetch(`${HOST}${path}`)
      expect(response.status).toBe(404)
      expect(await json(response)).toMatchObject({ code: 'unknown_write_key' })
    }
  })
})

describe('reading', () => {
  test('needs the admin token', async () => {
    for (const authorization of ['', 'Bearer nonsense', 'Basic at_test_token']) {
      const response = await worker.fetch(`${HOST}/api/events`, { headers: { authorization } })
      expect(response.status).toBe(401)
      expect(await json(response)).toMatchObject({ code: 'unauthorized' })
    }
  })

  test('pages through journal and lake, newest first, each event once', async () => {
    const ids: string[] = []
    for (let round = 0; round < 6; round++) {
      const events = Array.from({ length: 7 }, (_, index) =>
        track(`m${round}-${index}`, { anonymousId: `a${index}` }),
      )
      await post('/v1/batch', batch(events))
      ids.unshift(...events.map(({ messageId }) => messageId).reverse())
      if (round % 2 === 0) {
        await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
      }
    }
    const listed: string[] = []
    let cursor = ''
    do {
      const page = await json(get(`/api/events?limit=5${cursor}`))
      expect(page.events.length).toBeLessThanOrEqual(5)
      listed.push(...page.events.map(({ messageId }: { messageId: string }) => messageId))
      cursor = page.cursor && `&cursor=${page.cursor}`
    } while (cursor)
    expect(listed).toEqual(ids)
  })

  test('pages through events whose ids are longer than a cursor may be', async () => {
    const events = Array.from({ length: 3 }, (_, index) =>
      track(`long${index}`, { userId: 'u'.repeat(5000), anonymousId: { not: 'text' } }),
    )
    await post('/v1/batch', batch(events))
    const first = await json(get('/api/events?limit=1'))
    const second = await json(get(`/api/events?limit=1&cursor=${first.cursor}`))
    expect(second.events.map(({ messageId }: { messageId: string }) => messageId)).toEqual([
      'long1',
    ])
  })

  test('pages through events that share an id and a moment', async () => {
    const events = Array.from({ length: 8 }, (_, index) =>
      track('tie', { anonymousId: `t${index}` }),
    )
    await post('/v1/batch', batch(events))
    const all = await storedEvents('&messageId=tie')
    for (const limit of [1, 2]) {
      const walked: unknown[] = []
      let cursor = ''
      do {
        const page = await json(get(`/api/events?messageId=tie&limit=${limit}${cursor}`))
        walked.push(...page.events)
        cursor = page.cursor && `&cursor=${page.cursor}`
      } while (cursor)
      expect(walked).toEqual(all)
    }
  })

  test('a page that ends early at its bound of objects still comes further', async () => {
    const ids: string[] = []
    for (let round = 0; round < 4; round++) {
      const events = Array.from({ length: 6 }, (_, index) =>
        track(`b${round}-${index}`, { anonymousId: `a${index}` }),
      )
      await post('/v1/batch', batch(events))
      ids.push(...events.map(({ messageId }) => messageId))
      if (round > 0) await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
    }
    const bindings = env as unknown as CollectorEnv
    const listed: string[] = []
    const filter: RecordFilter = {}
    let pages = 0
    do {
      const { lines, next } = await listRecords(bindings, 2, 'events', filter, 100, 1)
      listed.push(...lines.map((line) => JSON.parse(line).messageId as string))
      if (!next) break
      filter.after = next
      pages += 1
    } while (pages < 50)
    expect(pages).toBeLessThan(50)
    expect(listed.sort()).toEqual(ids.sort())
  })

  test('filters by every field', async () => {
    await post(
      '/v1/batch',
      batch([
        track('m1'),
        { type: 'identify', userId: 'u2', messageId: 'm2' },
        { type: 'page', anonymousId: 'a3', messageId: 'm3' },
      ]),
    )
    await worker.fetch(`${HOST}/api/drain`, { method: 'POST', headers: ADMIN })
    const filters = {
      type: ['identify', 'm2'],
      userId: ['u2', 'm2'],
      anonymousId: ['a3', 'm3'],
      messageId: ['m1', 'm1'],
    }
    for (const [name, [value, id]] of Object.entries(filters)) {
      const found = await storedEvents(`&${name}=${value}`)
      expect(found.map(({ messageId }: { messageId: string }) => messageId)).toEqual([id])
    }
    expect(await storedEvents('&userId=nobody')).toEqual([])
  })

  test.for([
    'user=u1',
    'limit=0',
    'limit=x',
    'limit=1001',
    'cursor=nonsense',
    'cursor=W10',
    `userId=${'x'.repeat(2000)}`,
  ])('refuses %s with a code', async (query) => {
    const response = await get(`/api/events?${query}`)
    expect(response.status).toBe(400)
    expect((await json(response)).code).toMatch(/^(invalid|unknown)_/)
  })

  test('the export has every event once, in the order of each person, and obeys its range', async () => {
    for (let round = 0; round < 5; round++) {
      await post('/v1/batch', batch([track(`m${round}`), track(`n${round}`, { anonymousId: 'b' })]))
    }
    const lines = (await exported()).trimEnd().split('\n')
    const events = lines.map((line) => JSON.parse(line))
    const ofPerson = (id: string) =>
      events.filter(({ anonymousId }) => anonymousId === id).map(({ messageId }) => messageId)
    expect(ofPerson('a1')).toEqual(['m0', 'm1', 'm2', 'm3', 'm4'])
    expect(ofPerson('b')).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'])

    const middle = events[4].receivedAt
    const before = await exported(`?to=${middle}`)
    const after = await exported(`?from=${middle}`)
    const count = (text: string) => text.split('\n').length - 1
    expect(count(before) + count(after)).toBe(10)
    expect(await exported('?source=web')).toBe('')
    expect((await get('/api/events/export?from=nonsense')).status).toBe(400)
  })
})

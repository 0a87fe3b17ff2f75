import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ADMIN,
  batch,
  bindings,
  compressed,
  exportedLines,
  forgetAll,
  get,
  HOST,
  json,
  post,
  quarantined,
  storedEvents,
  track,
  worker,
} from '../test-client.ts'
import { readJson } from './core/read-json.ts'

afterEach(forgetAll)

/** Lines of the quarantine as they are in the lake: a listing would read and write their numbers again. */
async function quarantineLines(): Promise<string[]> {
  await post('/api/drain', '', ADMIN)
  const lines: string[] = []
  for (const { key } of (await bindings.LAKE.list({ prefix: 'quarantine/' })).objects) {
    const object = await bindings.LAKE.get(key)
    if (!object) continue
    const inflated = object.body.pipeThrough(new DecompressionStream('gzip'))
    lines.push(...(await new Response(inflated).text()).split('\n').filter(Boolean))
  }
  return lines
}

/** Strings as attackers and broken clients send them; written as `JSON.stringify` writes them. */
const string = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      '\u2028',
      '',
      '1e400',
      ':-0,',
      'rawJSON',
      '$ref',
      ', 12345678901234567890',
    ),
  )
  .map((text) => JSON.stringify(text))

/** Numbers as text: those that a double holds in their shortest form, and those that it does not. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
  fc.constantFrom(
    '12345678901234567890',
    '-98765432109876543210987654321',
    '1e400',
    '-1E400',
    '-0',
    '0.1000000000000000055511151231257827',
    '9007199254740993',
    '1e-400',
  ),
)

/** JSON text of any shape, compact, with unique keys, integer-like ones left out since objects put those first. */
const { value: jsonText } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false'),
    number,
    string,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    tie('object'),
  ),
  object: objectText(tie('value')),
}))

function objectText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = string.filter((text) => !/^"\d+"$/.test(text))
  return fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([name]) => name })
    .map((members) => `{${members.map(([name, member]) => `${name}:${member}`).join()}}`)
}

/** A well-formed event: whatever is in its properties, it must be stored. */
const goodEvent = objectText(jsonText).map((properties) => (id: string) => ({
  text: `{"type":"track","event":"E","anonymousId":"a","messageId":"${id}","properties":${properties}}`,
  own: `"properties":${properties}`,
  mustBe: 'accepted',
}))

/** An event of which some fields hold anything. */
const oddEvent = fc
  .dictionary(
    fc.constantFrom('type', 'event', 'userId', 'anonymousId', 'groupId', 'context', 'traits'),
    jsonText,
    { maxKeys: 5 },
  )
  .chain((fields) => jsonText.map((extra) => ({ fields, extra })))
  .map(({ fields, extra }) => (id: string) => ({
    text: `{"messageId":"${id}",${Object.entries(fields)
      .map(([name, value]) => `"${name}":${value},`)
      .join('')}"extra":${extra}}`,
    own: `"extra":${extra}`,
    mustBe: undefined,
  }))

const delivery = fc.record({
  path: fc.constantFrom('/v1/batch', '/v1/b', '/batch/', '/v1/import', '/beacon/v1/batch'),
  contentType: fc.constantFrom(
    'application/json',
    'text/plain',
    'image/gif',
    'x',
    'multipart/form-data',
  ),
  encoding: fc.constantFrom('', 'gzip', 'deflate', 'x-gzip', 'identity', 'nonsense'),
  compression: fc.constantFrom(undefined, 'gzip', 'deflate', 'members'),
})

async function encode(text: string, compression: string | undefined): Promise<BodyInit> {
  if (compression === undefined) return text
  if (compression !== 'members') return compressed(text, compression as 'gzip' | 'deflate')
  const middle = Math.floor(text.length / 2)
  const parts = [text.slice(0, middle), text.slice(middle)]
  // Cut between the halves of a pair, a text could not be encoded in two parts.
  const isCut = /[\ud800-\udbff]$/.test(parts[0] ?? '')
  const members = await Promise.all(
    (isCut ? [text] : parts).map((part) => compressed(part, 'gzip')),
  )
  return new Blob(members)
}

describe('whatever a batch holds', () => {
  test('each event is in the export or in quarantine, bit for bit', {
    timeout: 120_000,
  }, async () => {
    const expected = new Map<string, { own: string; status: string }>()
    let runs = 0
    const events = fc.array(fc.oneof(goodEvent, oddEvent), { minLength: 1, maxLength: 12 })
    const property = fc.asyncProperty(events, delivery, async (makers, how) => {
      runs += 1
      const made = makers.map((make, index) => ({
        id: `e${runs}-${index}`,
        ...make(`e${runs}-${index}`),
      }))
      const text = `{"verdicts":true,"batch":[${made.map((event) => event.text).join()}],"writeKey":"wk_strict"}`
      const headers = { 'content-type': how.contentType, 'content-encoding': how.encoding }
      const response = await post(how.path, await encode(text, how.compression), headers)
      expect(response.status).toBe(200)
      const { results } = await json(response)
      expect(Object.keys(results)).toHaveLength(made.length)
      for (const { id, own, mustBe } of made) {
        const { status } = results[id]
        expect(mustBe === undefined ? ['accepted', 'rejected'] : [mustBe]).toContain(status)
        expected.set(id, { own, status })
      }
    })
    await fc.assert(property, { numRuns: 80, endOnFailure: true })

    const stored = await exportedLines()
    const refused = await quarantineLines()
    expect(stored.length + refused.length).toBe(expected.size)
    for (const [id, { own, status }] of expected) {
      const lines = status === 'accepted' ? stored : refused
      const line = lines.find((candidate) => candidate.includes(`"messageId":"${id}"`))
      expect(line).toContain(own)
    }
  })
})

describe('whatever a request looks like', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'v1',
      'batch',
      'track',
      't',
      'api',
      's',
      's2s',
      'px',
      'pixel',
      'webhook',
      'events',
    ),
    fc.constantFrom('projects', 'settings', 'sourceConfig', 'healthz', 'ready', 'import', '..', ''),
    fc.constantFrom(
      '%',
      '%ff',
      '%00',
      '%2e%2e',
      '__proto__',
      'constructor',
      ':type',
      '*',
      '[',
      '😀',
    ),
  )
  const text = fc.string({ unit: 'grapheme-ascii' })
  const anyHeaders = fc.dictionary(
    fc.constantFrom(
      'authorization',
      'x-write-key',
      'content-type',
      'content-encoding',
      'sentat',
      'cookie',
      'origin',
      'user-agent',
      'webhook-id',
      'access-control-request-headers',
    ),
    fc.oneof(
      text,
      fc.constantFrom(
        'Basic',
        'Basic ====',
        'Bearer',
        'Bearer ,',
        'null',
        'gzip, br',
        'br',
        'zstd',
      ),
      fc.constant(`Basic ${btoa('wk_strict:')}`),
    ),
  )
  const query = fc.dictionary(
    fc.constantFrom('writeKey', 'data', 'cursor', 'limit', '__proto__.a'),
    text,
  )

  test('it has an answer below 500', { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
      fc.array(part, { maxLength: 4 }),
      query,
      anyHeaders,
      fc.oneof(fc.json(), text, fc.uint8Array()),
      async (method, parts, parameters, headers, body) => {
        const search = new URLSearchParams(parameters)
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const response = await worker.fetch(`${HOST}/${parts.join('/')}?${search}`, {
          method,
          headers: Object.entries(headers),
          ...(hasBody && { body }),
        })
        expect(response.status).toBeLessThan(500)
        const isError = response.status >= 400 && method !== 'HEAD'
        if (isError)
          expect(await json(response)).toMatchObject({ success: false, code: expect.any(String) })
        else await response.arrayBuffer()
      },
    )
    await fc.assert(property, { numRuns: 150, endOnFailure: true })
  })

  test('a body that is refused is kept as it came', { timeout: 120_000 }, async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ maxLength: 300 }),
    )
    const paths = fc.constantFrom('/v1/batch', '/v1/track', '/v1/identify')
    const sent: string[] = []
    const property = fc.asyncProperty(paths, bodies, async (path, body) => {
      // An array is a batch, whose items are each kept for themselves.
      fc.pre(typeof body !== 'string' || path !== '/v1/batch' || !Array.isArray(readJson(body)))
      const response = await post(`${path}?writeKey=wk_strict`, body)
      expect(response.status).toBe(400)
      expect(await json(response)).toMatchObject({ success: false, code: expect.any(String) })
      const text = typeof body === 'string' ? body.toWellFormed() : textOrBase64(body)
      const read = readJson(text)
      sent.push(JSON.stringify(read === undefined ? text : read))
    })
    await fc.assert(property, { numRuns: 60, endOnFailure: true })
    const kept = (await quarantined()).map(({ payload }) => JSON.stringify(payload))
    expect(sent.filter((text) => !kept.includes(text))).toEqual([])
  })
})

/** As quarantine keeps bytes: as text where they are UTF-8. */
function textOrBase64(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes)
  const isText = new TextEncoder().encode(text).join() === bytes.join()
  return isText ? text : `base64:${btoa(String.fromCharCode(...bytes))}`
}

describe('much at once', () => {
  test('2,500 events of years ago keep their own times', async () => {
    const time = (index: number) => new Date(Date.UTC(2010, 0, 1) + index * 61_000).toISOString()
    const events = Array.from({ length: 2500 }, (_, index) =>
      track(`h${index}`, { timestamp: time(index), anonymousId: `a${index % 50}` }),
    )
    const { results } = await json(post('/v1/import', batch('wk_open', events)))
    expect(
      Object.values(results).filter(
        (verdict) => (verdict as { status: string }).status === 'accepted',
      ),
    ).toHaveLength(2500)
    const lines = await exportedLines()
    expect(lines).toHaveLength(2500)
    for (const line of lines) {
      const { messageId, timestamp, originalTimestamp } = JSON.parse(line)
      const own = time(Number(messageId.slice(1)))
      expect([timestamp, originalTimestamp]).toEqual([own, own])
    }
    const again = await json(post('/v1/import', batch('wk_open', events.slice(0, 100))))
    expect(
      new Set(
        Object.values(again.results).map((verdict) => (verdict as { status: string }).status),
      ),
    ).toEqual(new Set(['duplicate']))
  })

  test('a batch that is many times larger when it is normalised', async () => {
    const url = `https://shop.example/?utm_x=${'z'.repeat(3000)}`
    const events = Array.from({ length: 2500 }, (_, index) => ({
      type: 'page',
      anonymousId: 'one',
      messageId: `grown${String(index).padStart(4, '0')}`,
    }))
    const body = batch('wk_open', events, { context: { page: { url } } })
    expect((await post('/v1/batch', body)).status).toBe(200)
    const lines = await exportedLines()
    expect(lines.map((line) => JSON.parse(line).messageId)).toEqual(
      events.map(({ messageId }) => messageId),
    )
    expect(lines.join('').length).toBeGreaterThan(32 * 1024 * 1024)
  })

  test('a time of years ago survives a batch that says when it was sent', async () => {
    const timestamp = '2010-03-04T05:06:07.089Z'
    const sentAt = new Date().toISOString()
    await post('/v1/import', batch('wk_open', [track('m1', { timestamp })], { sentAt }))
    const [stored] = await storedEvents()
    expect(stored.originalTimestamp).toBe(timestamp)
    // Moved by no more than the request was under way.
    expect(Math.abs(Date.parse(stored.timestamp) - Date.parse(timestamp))).toBeLessThan(30_000)
  })

  test('10,000 properties are kept, or too large and kept in quarantine', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`p${index}`, 1]),
    )
    const { results } = await json(
      post('/v1/batch', batch('wk_open', [track('m1', { properties }), track('m2')])),
    )
    expect(results).toMatchObject({
      m1: { status: 'rejected', code: 'event_too_large' },
      m2: { status: 'accepted' },
    })
    const [kept] = await quarantined()
    expect(Object.keys(kept.payload.properties)).toHaveLength(10_000)
  })
})

test('a forgotten method or path is told', async () => {
  for (const path of ['/nowhere', '/v1', '/api', '/v1/pixel']) {
    expect(await json(get(path))).toMatchObject({ success: false, code: 'not_found' })
  }
})

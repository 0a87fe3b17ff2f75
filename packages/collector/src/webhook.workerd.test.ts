import { afterEach, describe, expect, test } from 'vitest'
import {
  forgetAll,
  get,
  HOST,
  json,
  post,
  quarantined,
  storedEvents,
  worker,
} from '../test-client.ts'

afterEach(forgetAll)

const PATH = '/v1/webhook?writeKey=sk_strict'
const BODY = { kind: 'order', nested: { list: [1, { a: null }] }, total: 9.5 }

describe('a webhook', () => {
  test('becomes a track event of the configured name, its body whole', async () => {
    expect(await json(post(PATH, JSON.stringify(BODY)))).toEqual({ success: true, ok: true })
    expect(await storedEvents()).toMatchObject([
      { type: 'track', event: 'Called', source: 'strict', properties: BODY },
    ])
    await post('/webhook?writeKey=wk_open', JSON.stringify(BODY))
    expect((await storedEvents('&source=open'))[0].event).toBe('Webhook Received')
  })

  test('keeps a body that looks like an event or like a batch', async () => {
    for (const body of [
      { type: 'alias', event: '$delete' },
      { batch: [1], verdicts: true },
    ]) {
      expect((await post(PATH, JSON.stringify(body))).status).toBe(200)
      expect((await storedEvents())[0]).toMatchObject({ event: 'Called', properties: body })
    }
  })

  test('belongs to whom it names, and to nobody else', async () => {
    await post(PATH, JSON.stringify({ userId: 'u1', anonymousId: 5 }))
    await post(PATH, JSON.stringify({ userId: '', other: 1 }))
    const [nobody, person] = await storedEvents()
    expect(person).toMatchObject({ userId: 'u1' })
    expect(person).not.toHaveProperty('anonymousId')
    expect(nobody).not.toHaveProperty('userId')
    expect(nobody.anonymousId).toMatch(/^webhook-[0-9a-f]{32}$/)
  })

  test('is stored once however often it is delivered', async () => {
    for (let delivery = 0; delivery < 3; delivery++) await post(PATH, JSON.stringify(BODY))
    expect(await storedEvents()).toHaveLength(1)
  })

  test.for([
    [{ 'webhook-id': 'msg_1' }, { 'webhook-id': 'msg_2' }],
    [{ 'x-github-delivery': 'd1' }, { 'x-github-delivery': 'd2' }],
    [{ 'idempotency-key': 'k1' }, { 'idempotency-key': 'k2' }],
  ])('whose sender names deliveries is known by that: %j', async ([first, second]) => {
    for (const headers of [first, first, second]) {
      await post(PATH, JSON.stringify(BODY), headers as unknown as Record<string, string>)
    }
    expect(await storedEvents()).toHaveLength(2)
  })

  test('of Stripe is known by the id in its body; of others that is no id of the delivery', async () => {
    const send = (headers: Record<string, string>, more: object) =>
      post(PATH, JSON.stringify({ id: 'evt_1', ...more }), headers)
    await send({ 'stripe-signature': 't=1' }, {})
    expect((await storedEvents())[0].messageId).toBe('evt_1')
    await send({}, { state: 'open' })
    await send({}, { state: 'closed' })
    expect(await storedEvents()).toHaveLength(3)
    expect(await quarantined()).toEqual([])
  })

  test('may be a form, or a query', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    await post(PATH, 'From=%2B49&Body=Hi+there&Tag=a&Tag=b&__proto__=x', form)
    const [stored] = await storedEvents()
    expect(JSON.stringify(stored.properties)).toBe(
      '{"From":"+49","Body":"Hi there","Tag":["a","b"],"__proto__":"x"}',
    )
    expect((await get(`${PATH}&a=1&b=2`, {})).status).toBe(200)
    expect((await storedEvents())[0].properties).toEqual({ a: '1', b: '2' })
  })

  test('may be an array, each object of which is an event', async () => {
    const answer = await json(post(PATH, JSON.stringify([{ a: 1 }, 'text', { a: 1 }])))
    expect(answer).toMatchObject({ success: true, errors: [{ index: 1, code: 'not_an_object' }] })
    expect(await storedEvents()).toHaveLength(2)
    expect(await quarantined()).toMatchObject([{ payload: 'text' }])
  })

  test.for([
    ['nonsense', 400, 'invalid_json'],
    ['5', 400, 'not_an_object'],
    [JSON.stringify({ pad: 'x'.repeat(70_000) }), 400, 'event_too_large'],
    [`{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 400, 'nested_too_deep'],
    [JSON.stringify(Array(2501).fill({})), 413, 'too_many_events'],
  ] as const)('that cannot be taken is kept and refused: %.20s', async ([body, status, code]) => {
    const response = await post(PATH, body)
    expect(response.status).toBe(status)
    expect(await json(response)).toMatchObject({ success: false, code })
    expect(await quarantined()).toMatchObject([{ code, source: 'strict' }])
  })

  test('needs a key, as everything does', async () => {
    expect((await post('/v1/webhook', '{}')).status).toBe(401)
    expect((await get('/v1/webhook?a=1', {})).status).toBe(401)
    expect((await post('/v1/webhook?writeKey=wk_off', '{}')).status).toBe(403)
    expect(await json(post('/v1/webhook', 'nonsense'))).toMatchObject({ code: 'invalid_json' })
  })

  test('is not recorded where only its address is asked for', async () => {
    const response = await worker.fetch(`${HOST}${PATH}`, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect([...(await storedEvents()), ...(await quarantined())]).toEqual([])
  })
})

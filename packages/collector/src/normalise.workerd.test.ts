import { reset } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import { hashAddresses } from './adapters/ip-hashes.ts'
import type { CollectorEnv } from './env.ts'

const { LAKE } = env as unknown as CollectorEnv
const worker = (exports as unknown as { default: Fetcher }).default
const HOST = 'https://collector.example'
const ADDRESS = '203.0.113.9'
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const BROWSER = {
  origin: 'https://shop.example',
  'cf-connecting-ip': ADDRESS,
  'user-agent': CHROME,
  'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Windows"',
}
const CF = {
  country: 'DE',
  region: 'Land Berlin',
  city: 'Berlin',
  postalCode: '10115',
  latitude: '52.52000',
  longitude: '13.40500',
  timezone: 'Europe/Berlin',
  asn: 3320,
}
const SECRET_URL = 'https://shop.example/in?token=S3cr3t&utm_source=a'

afterEach(async () => {
  await reset()
  for (const { key } of (await LAKE.list()).objects) await LAKE.delete(key)
})

interface Sending {
  headers?: Record<string, string>
  cf?: object
}

/** Sends events as a browser does, unless told otherwise; answers with the verdicts. */
async function send(
  writeKey: string,
  events: unknown[],
  { headers = BROWSER, cf = CF }: Sending = {},
) {
  const response = await worker.fetch(`${HOST}/v1/batch`, {
    method: 'POST',
    body: JSON.stringify({ writeKey, verdicts: true, batch: events }),
    headers,
    cf,
  } as RequestInit)
  expect(response.status).toBe(200)
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
  return ((await response.json()) as any).results
}

function get(path: string) {
  const headers = { authorization: 'Bearer at_test_token' }
  return worker.fetch(`${HOST}${path}`, { headers })
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers as a client would, untyped
async function list(path: 'events' | 'quarantine'): Promise<any[]> {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const answer = (await (await get(`/api/${path}`)).json()) as any
  return answer[path]
}

/** Every byte that the collector shows of what it keeps: listings, export, and the lake itself. */
async function everythingKept(): Promise<string> {
  const shown = await Promise.all(
    ['/api/events', '/api/quarantine', '/api/events/export'].map(async (path) =>
      new TextDecoder().decode(await (await get(path)).arrayBuffer()),
    ),
  )
  const { objects } = await LAKE.list()
  const lake = await Promise.all(
    objects.map(async ({ key }) => {
      const object = (await LAKE.get(key)) as R2ObjectBody
      return new Response(object.body.pipeThrough(new DecompressionStream('gzip'))).text()
    }),
  )
  expect(lake.length).toBeGreaterThan(0)
  return [...shown, ...lake].join('\n')
}

function page(messageId: string, context = {}) {
  return {
    type: 'page',
    anonymousId: 'a1',
    messageId,
    properties: { title: 'Shoes' },
    context: {
      page: {
        url: 'https://shop.example/shoes?utm_source=google&utm_medium=cpc&gclid=G1',
        referrer: 'https://www.google.com/',
      },
      ...context,
    },
  }
}

describe('an event of a page', () => {
  test('is described from its request and its URL', async () => {
    await send('wk_open', [page('m1')], { headers: { ...BROWSER, 'sec-gpc': '1' } })
    const [stored] = await list('events')
    expect(stored.context).toEqual({
      page: {
        url: 'https://shop.example/shoes?utm_source=google&utm_medium=cpc&gclid=G1',
        path: '/shoes',
        search: '?utm_source=google&utm_medium=cpc&gclid=G1',
        referrer: 'https://www.google.com/',
        title: 'Shoes',
      },
      campaign: { source: 'google', medium: 'cpc' },
      clickIds: { gclid: 'G1' },
      referrer: { url: 'https://www.google.com/', domain: 'www.google.com', type: 'search' },
      channel: 'Paid Search',
      userAgent: CHROME,
      browser: { name: 'Chrome', version: '142.0.0.0' },
      os: { name: 'Windows', version: '10' },
      device: { type: 'desktop' },
      location: {
        country: 'DE',
        region: 'Land Berlin',
        city: 'Berlin',
        postalCode: '10115',
        latitude: 52.52,
        longitude: 13.405,
        timezone: 'Europe/Berlin',
      },
      ip: ADDRESS,
      gpc: true,
    })
    expect(Object.keys(stored._tributary)).toEqual(['clock'])
  })

  test('is stored once, however it is described', async () => {
    expect(await send('wk_open', [page('m1')])).toMatchObject({ m1: { status: 'accepted' } })
    const elsewhere = {
      headers: { ...BROWSER, 'user-agent': 'Other/1', 'cf-connecting-ip': '::1' },
    }
    expect(await send('wk_open', [page('m1')], elsewhere)).toMatchObject({
      m1: { status: 'duplicate' },
    })
  })
})

test('a server’s events are not described by its own request', async () => {
  const { origin: _, ...headers } = BROWSER
  await send('wk_open', [page('m1'), page('m2', { userAgent: CHROME, ip: '198.51.100.7' })], {
    headers,
  })
  const events = await list('events')
  const [m2, m1] = ['m2', 'm1'].map((id) => events.find(({ messageId }) => messageId === id))
  for (const field of ['ip', 'userAgent', 'location', 'browser']) {
    expect(m1.context).not.toHaveProperty(field)
  }
  expect(m2.context).toMatchObject({ ip: '198.51.100.7', browser: { name: 'Chrome' } })
  expect(m2.context).not.toHaveProperty('location')
})

describe('addresses', () => {
  const sent = [
    page('m1'),
    page('m2', { ip: ADDRESS }),
    { ...page('m3'), ip: ADDRESS },
    { type: 'nonsense', messageId: 'm4', ip: ADDRESS, context: { ip: ADDRESS } },
    { ...page('m5', { webdriver: true }), ip: ADDRESS },
  ]

  test('that are removed are nowhere', async () => {
    await send('wk_ip_remove', sent)
    // The same id with other content, so that a conflict is kept too.
    await send('wk_ip_remove', [{ ...page('m2', { ip: ADDRESS }), properties: { other: 1 } }])
    const tooMany = {
      writeKey: 'wk_ip_remove',
      context: { ip: ADDRESS },
      batch: Array(2501).fill(sent[1]),
    }
    const bodies = [JSON.stringify(tooMany), `{"writeKey":"wk_ip_remove","ip":"${ADDRESS}","a"`]
    for (const body of bodies) {
      const path = `${HOST}/v1/batch?writeKey=wk_ip_remove`
      await worker.fetch(path, { method: 'POST', body, headers: BROWSER })
    }
    const kept = await everythingKept()
    expect((await list('quarantine')).map(({ code }) => code).sort()).toEqual([
      'bot',
      'id_conflict',
      'invalid_json',
      'too_many_events',
      'unknown_type',
    ])
    expect(kept).toContain('"m3"')
    expect(kept).toContain('"country":"DE"')
    expect(kept).not.toContain('203.0.113')
    expect(kept).not.toContain('Berlin')
  })

  test('are truncated wherever they came from', async () => {
    await send('wk_ip_truncate', sent.slice(0, 4))
    for (const { context } of await list('events')) {
      expect(context.ip).toBe('203.0.113.0')
      expect(context.location).toEqual({ country: 'DE', region: 'Land Berlin', city: 'Berlin' })
    }
    const [{ payload }] = await list('quarantine')
    expect(payload).toEqual({ ...sent[3], ip: '203.0.113.0', context: { ip: '203.0.113.0' } })
    expect(await everythingKept()).not.toContain(ADDRESS)
  })

  test('are hashed with the secret and the day', async () => {
    await send('wk_ip_hash', sent.slice(0, 4))
    const events = await list('events')
    const day = events[0].receivedAt.slice(0, 10)
    const hash = (await hashAddresses('test-ip-secret', day, [ADDRESS])).get(ADDRESS)
    expect(hash).toMatch(/^h_[0-9a-f]{32}$/)
    expect(events.map(({ context }) => context.ip)).toEqual([hash, hash, hash])
    expect((await list('quarantine'))[0].payload).toMatchObject({ ip: hash, context: { ip: hash } })
    expect(await everythingKept()).not.toContain('203.0.113')
    const others = [
      await hashAddresses('test-ip-secret', '2026-01-01', [ADDRESS]),
      await hashAddresses('another', day, [ADDRESS]),
    ]
    for (const other of others) expect(other.get(ADDRESS)).not.toBe(hash)
  })

  test('are left out for who does not want to be seen', async () => {
    await send('wk_open', [page('m1', { ip: '0.0.0.0' })])
    const [{ context }] = await list('events')
    expect(context.ip).toBe('0.0.0.0')
    expect(context).not.toHaveProperty('location')
  })
})

describe('bots', () => {
  const bot = {
    ...BROWSER,
    'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  }

  test('are flagged with the reasons and stored', async () => {
    await send('wk_open', [page('m1', { webdriver: true })], { headers: bot, cf: { asn: 16509 } })
    expect((await list('events'))[0].context.bot).toEqual({
      is: true,
      reasons: ['user_agent', 'webdriver', 'datacentre'],
    })
  })

  test('go to quarantine, each for itself, where the source says so', async () => {
    const events = [page('m1'), page('m2', { webdriver: true })]
    expect(await send('wk_bots_quarantine', events)).toMatchObject({
      m1: { status: 'accepted' },
      m2: { status: 'rejected', code: 'bot', message: 'The source takes no bots: webdriver.' },
    })
    expect(await list('quarantine')).toMatchObject([{ code: 'bot', payload: events[1] }])
    expect(
      await send('wk_bots_quarantine', [page('m3')], { cf: { botManagement: { score: 2 } } }),
    ).toMatchObject({
      m3: { code: 'bot' },
    })
  })

  test('are not looked for where the source says so', async () => {
    await send('wk_bots_keep', [page('m1', { webdriver: true })], { headers: bot })
    expect((await list('events'))[0].context).not.toHaveProperty('bot')
  })
})

test('secrets are in no event and in no quarantine', async () => {
  const urls = { url: SECRET_URL, referrer: 'https://u:S3cr3t@a.example/?voucher=S3cr3t' }
  await send('wk_secrets', [
    page('m1', { page: urls }),
    { type: 'nonsense', messageId: 'm2', context: { page: urls }, properties: urls },
  ])
  const [stored] = await list('events')
  expect(stored).toMatchObject({
    context: {
      page: {
        url: 'https://shop.example/in?token=[removed]&utm_source=a',
        search: '?token=[removed]&utm_source=a',
        referrer: 'https://[removed]@a.example/?voucher=[removed]',
      },
      campaign: { source: 'a' },
    },
    _tributary: { flags: ['secrets_removed'] },
  })
  expect(await everythingKept()).not.toContain('S3cr3t')
})

describe('identifiers', () => {
  test.for([[null], [''], ['null'], ['0'], [0]])(
    'that are %j are taken and flagged',
    async ([userId]) => {
      const event = { type: 'track', event: 'E', messageId: 'm1', userId }
      expect(await send('wk_open', [event])).toMatchObject({ m1: { status: 'accepted' } })
      expect((await list('events'))[0]._tributary.flags).toEqual(['userId_junk'])
    },
  )

  test('that are missing altogether are refused', async () => {
    const event = { type: 'track', event: 'E', messageId: 'm1' }
    expect(await send('wk_open', [event])).toMatchObject({ m1: { code: 'missing_identity' } })
  })
})

describe('a plan', () => {
  const order = (messageId: string, total: unknown) => ({
    type: 'track',
    event: 'Order Completed',
    anonymousId: 'a1',
    messageId,
    properties: { total },
  })
  const named = (messageId: string, event: string) => ({ ...order(messageId, 1), event })

  test('flags what breaks it', async () => {
    const names = ['m1', 'm2', 'm3', 'm4', 'm5']
    const results = await send('wk_planned', [
      order('m1', 5),
      order('m2', 'five'),
      named('m3', 'Other'),
      named('m4', '__proto__'),
      named('m5', 'Broken'),
    ])
    for (const name of names) expect(results[name]).toEqual({ status: 'accepted' })
    const events = await list('events')
    const notes = names
      .map((id) => events.find((e) => e.messageId === id)._tributary)
      .map(({ clock: _, ...notes }) => notes)
    expect(notes).toEqual([
      {},
      {
        flags: ['plan_violation'],
        violations: [{ path: 'properties.total', message: expect.any(String) }],
      },
      { flags: ['unplanned_event'] },
      { flags: ['unplanned_event'] },
      {
        flags: ['plan_violation'],
        violations: [{ path: 'properties', message: 'The schema failed: broken' }],
      },
    ])
  })

  test('refuses what breaks it where it must', async () => {
    const results = await send('wk_planned_strict', [
      order('m1', 5),
      order('m2', 'five'),
      named('m3', 'constructor'),
    ])
    expect(results).toMatchObject({
      m1: { status: 'accepted' },
      m2: { status: 'rejected', code: 'plan_violation' },
      m3: { status: 'rejected', code: 'unplanned_event' },
    })
    expect(results.m2.message).toContain('"properties.total"')
    const payloads = (await list('quarantine')).map(({ payload }) => payload.messageId)
    expect(payloads.sort()).toEqual(['m2', 'm3'])
  })
})

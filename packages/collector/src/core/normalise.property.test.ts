import type { Json, JsonObject, ParsedEvent } from '@tributary/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readUserAgent } from '../adapters/user-agent.ts'
import type { Arrival, DeviceFacts } from './arrival.ts'
import { userAgentOf } from './normalise/user-agent.ts'
import { normalise } from './normalise.ts'
import { redactPayload } from './redact.ts'
import { BOT_POLICIES, IP_POLICIES } from './source-config.ts'

const RECEIVED_MS = Date.parse('2026-11-22T10:00:00.000Z')
const ADDRESS = '203.0.113.9'
const SECRET = 'S3cr3t'

const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.constantFrom(
    `https://shop.example/a?token=${SECRET}&utm_source=x&utm_campaign=y&gclid=z`,
    `https://ann:${SECRET}@shop.example/#id_token=${SECRET}`,
    'https://www.google.com/',
    'https://shop.example/',
    'android-app://com.google.android.gm/',
    '/relative?a=b',
    '',
  ),
)
const junk = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>
const orJunk = (arbitrary: fc.Arbitrary<Json>) =>
  fc.oneof({ weight: 4, arbitrary }, { weight: 1, arbitrary: junk })
const record = (fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Json>

const page = record({
  url: orJunk(url),
  search: orJunk(fc.constantFrom('', '?utm_source=a&fbclid=b', `?jwt=${SECRET}`)),
  path: orJunk(fc.constantFrom('/', '/a')),
  referrer: orJunk(url),
  title: orJunk(fc.string()),
})
const userAgent = fc.constantFrom(
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'curl/8.5.0',
  '',
)
const ip = fc.constantFrom(ADDRESS, '0.0.0.0', '2001:db8::1', '::ffff:203.0.113.9', 'unknown', '')
const context = record({
  page: orJunk(page),
  ip: orJunk(ip),
  userAgent: orJunk(userAgent),
  userAgentData: orJunk(
    record({
      brands: orJunk(fc.constant([{ brand: 'Google Chrome', version: '142' }])),
      platform: orJunk(fc.constantFrom('Windows', 'macOS')),
      platformVersion: orJunk(fc.constantFrom('15.0.0', '0.1')),
      mobile: orJunk(fc.boolean()),
    }),
  ),
  webdriver: orJunk(fc.boolean()),
  campaign: orJunk(record({ source: orJunk(fc.string()), medium: fc.constant('cpc') })),
  clickIds: junk,
  referrer: orJunk(record({ url: orJunk(url), type: junk })),
  browser: junk,
  os: junk,
  device: orJunk(record({ id: fc.string(), model: junk })),
  location: junk,
  channel: junk,
  bot: junk,
  gpc: junk,
  custom: junk,
})
const id = fc.oneof(fc.string(), fc.constantFrom('0', 'null', ''), fc.integer(), junk)
const time = orJunk(fc.constantFrom('2026-11-22T09:00:00Z', '2030-01-01T00:00:00Z', 'yesterday'))
const events = fc
  .tuple(
    fc.dictionary(fc.string(), junk, { maxKeys: 3 }),
    fc.record(
      {
        type: fc.constantFrom('track', 'page', 'identify', 'group', 'alias', 'screen'),
        userId: id,
        anonymousId: id,
        groupId: id,
        previousId: id,
        messageId: fc.string({ minLength: 1 }),
        source: junk,
        receivedAt: time,
        timestamp: time,
        originalTimestamp: time,
        sentAt: time,
        ip: orJunk(ip),
        _tributary: junk,
        context: fc.oneof(context, fc.constant(null)),
        properties: fc.oneof(page, fc.constant(null)),
        traits: fc.constant({ name: 'Ann' }),
      },
      { requiredKeys: ['type', 'messageId'] },
    ),
  )
  // Through JSON, as everything comes: it knows neither -0 nor objects without a prototype.
  .map(
    ([more, event]) => JSON.parse(JSON.stringify({ ...more, ...(event as object) })) as ParsedEvent,
  )

const devices: fc.Arbitrary<DeviceFacts | undefined> = fc.option(
  fc.record(
    {
      ip: fc.constant(ADDRESS),
      userAgent,
      gpc: fc.constant(true as const),
      asn: fc.constantFrom(16509, 3320),
      botScore: fc.constantFrom(1, 99),
      location: fc.constant({ country: 'DE', city: 'Berlin', latitude: 52.5 }),
      hints: fc.constant({ brands: [{ brand: 'Microsoft Edge', version: '142' }], isMobile: true }),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)

const cases = fc
  .record({
    event: events,
    device: devices,
    ip: fc.constantFrom(...IP_POLICIES),
    bots: fc.constantFrom(...BOT_POLICIES),
    hasSecret: fc.boolean(),
    sentType: fc.option(junk, { nil: undefined }),
  })
  .map(({ event, device, ip, bots, hasSecret, sentType }) => {
    const arrival: Arrival = {
      source: { id: 'web', ip, bots },
      receivedAtMs: RECEIVED_MS,
      messageId: event.messageId as string,
      sentAt: '2026-11-22T10:00:10Z',
    }
    if (device) arrival.device = device
    if (sentType !== undefined) arrival.sentType = JSON.parse(JSON.stringify(sentType))
    if (hasSecret) arrival.ipHashes = new Map([[ADDRESS, `h_${'0'.repeat(32)}`]])
    const text = userAgentOf(event, device)
    if (text !== undefined) arrival.agent = readUserAgent(text)
    return { event, arrival }
  })

/** The fields whose values a policy may take away for good. */
function withoutForbidden(event: JsonObject): JsonObject {
  const { ip: _, ...rest } = redactPayload(event, { id: 'web', ip: 'remove' }) as JsonObject
  return rest
}

/** Asserts that all of `sent` is in `stored`, or was replaced and is in `replaced`; `null` may be filled in. */
function expectKept(sent: JsonObject, stored: JsonObject, replaced: JsonObject, path: string) {
  for (const [field, value] of Object.entries(sent)) {
    if (value === null) continue
    const now = stored[field]
    const isBranch = OPEN_BRANCHES.has(`${path}${field}`) && isObject(value) && isObject(now)
    if (isBranch) {
      const inner = replaced[field]
      expectKept(value, now, isObject(inner) ? inner : {}, `${path}${field}.`)
    } else {
      expect([now, replaced[field]], `${path}${field}`).toContainEqual(value)
    }
  }
}

/** Objects of the client's that something may be added to. */
const OPEN_BRANCHES = new Set([
  'context',
  'context.page',
  'context.referrer',
  'context.device',
  'context.campaign',
  'properties',
])

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

describe('normalise', () => {
  test('gives its own result again', () => {
    fc.assert(
      fc.property(cases, ({ event, arrival }) => {
        const once = normalise(event, arrival)
        expect(normalise(once, arrival)).toEqual(once)
        expect(normalise(JSON.parse(JSON.stringify(once)), arrival)).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  test('loses nothing that the client sent', () => {
    fc.assert(
      fc.property(cases, ({ event, arrival }) => {
        const stored = normalise(event, arrival)
        const { timestamp: _, originalTimestamp, ...sent } = withoutForbidden(event)
        const notes = (stored._tributary ?? {}) as JsonObject
        const replaced = (notes.sent ?? {}) as JsonObject
        expectKept(sent, stored, replaced, '')
        const times = [stored.originalTimestamp, replaced.originalTimestamp]
        for (const time of [event.timestamp, originalTimestamp]) {
          if (time !== undefined && time !== null) expect(times).toContainEqual(time)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('changes nothing of its arguments', () => {
    fc.assert(
      fc.property(cases, ({ event, arrival }) => {
        const before = structuredClone([event, arrival])
        normalise(event, arrival)
        expect([event, arrival]).toEqual(before)
      }),
    )
  })

  test('writes no address that the policy removes, and no secret', () => {
    fc.assert(
      fc.property(cases, ({ event, arrival }) => {
        const source = { ...arrival.source, ip: 'remove' as const }
        const { properties, context, ip } = event
        const known = { type: event.type, properties, context, ip } as ParsedEvent
        const { page, referrer } = (context ?? {}) as JsonObject
        const parts = { page: page ?? null, referrer: referrer ?? null }
        const bare = { ...known, context: { ...parts, ip: (context as JsonObject)?.ip ?? null } }
        const text = JSON.stringify(normalise(bare, { ...arrival, source }))
        expect(text).not.toContain('203.0.113')
        expect(text).not.toContain(SECRET)
        expect(JSON.stringify(redactPayload(bare, source))).not.toContain(SECRET)
      }),
      { numRuns: 500 },
    )
  })
})

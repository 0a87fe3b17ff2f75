import type { JsonObject } from '@tributary/protocol'
import fc from 'fast-check'
import type { IdentityConfig } from '../src/configuration.ts'

/** Few of everything, so that records of a log meet, and times are often equal. */
const userId = fc.constantFrom<JsonObject['x']>('u1', 'u2', 'u3', 4, 'null', ' u1 ')
const anonymousId = fc.constantFrom('a1', 'a2', 'a3', 'u3', '0000-0000')
const email = fc.constantFrom('e1@a.io', 'E1@A.io', 'e2@a.io', 'e3@a.io', 'guest@a.io', 'nothing')
const phone = fc.constantFrom('+49 30 1234567', '0049301234567', '0301234567', '1')
const messageId = fc.nat(60).map((n) => `m${n}`)
const time = fc.nat(20).map((minute) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString())
const identifier = fc.oneof(
  userId.map((id) => `userId:${id}`),
  anonymousId.map((id) => `anonymousId:${id}`),
  email.map((id) => `email:${id}`),
  fc.constantFrom('deviceId:d1', 'phone:0301234567', 'crm:c1', 'nonsense'),
)
const traits = fc.record<JsonObject>(
  { email, phone, plan: fc.constantFrom('free', 'pro', null, ''), size: fc.nat(3) },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>
const externalId = fc.record({
  type: fc.constantFrom('crm', 'shop', 'email', 'bad:type'),
  id: fc.constantFrom('c1', 'c2', 'e2@a.io'),
  collection: fc.constantFrom('users', 'users', 'accounts'),
})
const context = fc.record(
  {
    traits,
    device: fc.record({ id: fc.constantFrom('d1', 'd2') }),
    externalIds: fc.array(externalId, { maxLength: 2 }),
    trusted: fc.boolean(),
    campaign: fc.record({ name: fc.constantFrom('spring', 'autumn') }),
    page: fc.record({ referrer: fc.constantFrom('https://a.example/', 'https://b.example/', '') }),
  },
  { requiredKeys: [] },
)

const event = fc.record(
  {
    type: fc.constantFrom('track', 'page', 'screen', 'identify', 'identify', 'group', 'alias', 'x'),
    timestamp: time,
    userId,
    anonymousId,
    traits,
    context,
    previousId: fc.oneof(userId, anonymousId),
    groupId: fc.constantFrom('g1', 'g2', 'none'),
    messageId,
    receivedAt: time,
    sentAt: time,
    source: fc.constantFrom('web', 'server'),
  },
  { requiredKeys: ['type', 'timestamp'] },
) as fc.Arbitrary<JsonObject>

const control = fc.oneof(
  fc.record({
    type: fc.constant('$unlink'),
    messageId,
    timestamp: time,
    a: identifier,
    b: identifier,
  }),
  fc.record({
    type: fc.constantFrom('$delete', '$suppress', '$unsuppress'),
    messageId,
    timestamp: time,
    id: identifier,
  }),
) as fc.Arbitrary<JsonObject>

/**
 * Logs with everything in them: all calls, chains of aliases, control records, shared devices, blocked values, equal times,
 * missing ids, and ids that different records share.
 */
export const logs: fc.Arbitrary<JsonObject[]> = fc.array(
  fc.oneof({ arbitrary: event, weight: 8 }, { arbitrary: control, weight: 1 }),
  { minLength: 1, maxLength: 30 },
)

/** Configurations in which limits and bounds are met. */
export const configs: fc.Arbitrary<IdentityConfig> = fc.record(
  {
    limits: fc.record(
      {
        userId: fc.constantFrom(1, 2),
        email: fc.constantFrom(1, 2),
        other: fc.constant(1),
        total: fc.constantFrom(3, 6),
      },
      { requiredKeys: [] },
    ),
    fanout: fc.record(
      { anonymousId: fc.constantFrom(1, 2), email: fc.constantFrom(1, 2) },
      { requiredKeys: [] },
    ),
    promoteEmail: fc.constantFrom('any' as const, 'trusted' as const),
    blocked: fc.constantFrom([], ['E2@a.io']),
    priority: fc.constantFrom(
      ['userId', 'email', 'phone', 'deviceId', '*', 'anonymousId'],
      ['email', '*', 'userId', 'anonymousId'],
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<IdentityConfig>

import { env, SELF } from 'cloudflare:test'
import { digestsOfStored, resolveConfiguration } from '@tributary/identity'
import type { JsonObject } from '@tributary/protocol'
import { beforeAll, expect, test } from 'vitest'
import { allProfiles, profilesOf } from './adapters/profile-stubs.ts'
import type { CollectorEnv } from './env.ts'

const ENV = env as unknown as CollectorEnv
const AUTHORIZED = { authorization: 'Bearer at_test_token' }

// biome-ignore lint/suspicious/noExplicitAny: answers are open JSON, looked into as a user's script would
type Answer = any

async function send(events: object[]): Promise<void> {
  const response = await SELF.fetch('http://collector/v1/batch', {
    method: 'POST',
    body: JSON.stringify({ writeKey: 'wk_open', batch: events }),
  })
  expect(response.status).toBe(200)
  await post('/api/drain')
}

async function post(path: string): Promise<Answer> {
  const response = await SELF.fetch(`http://collector${path}`, {
    method: 'POST',
    headers: AUTHORIZED,
  })
  expect(response.status).toBe(200)
  return response.json()
}

async function get(path: string, headers: Record<string, string> = AUTHORIZED) {
  const response = await SELF.fetch(`http://collector${path}`, { headers })
  return { status: response.status, body: (await response.json()) as Answer }
}

const JANE = [
  {
    type: 'page',
    anonymousId: 'a1',
    messageId: 'm1',
    timestamp: '2026-01-01T00:01:00Z',
    context: { campaign: { name: 'spring' }, page: { referrer: 'https://search.example/' } },
  },
  {
    type: 'identify',
    anonymousId: 'a1',
    userId: 'u1',
    messageId: 'm2',
    timestamp: '2026-01-01T00:02:00Z',
    traits: { name: 'Jane', email: 'Jane@Acme.io', plan: 'pro' },
  },
  {
    type: 'group',
    userId: 'u1',
    groupId: 'g1',
    messageId: 'm3',
    timestamp: '2026-01-01T00:03:00Z',
    traits: { industry: 'tools' },
  },
  {
    type: 'track',
    event: 'Bought',
    anonymousId: 'a1',
    userId: 'u1',
    messageId: 'm4',
    timestamp: '2026-01-01T00:04:00Z',
    properties: { total: 1e3 },
  },
  // The device is Jane's already.
  {
    type: 'track',
    event: 'Looked',
    anonymousId: 'a1',
    userId: 'u2',
    messageId: 'm5',
    timestamp: '2026-01-01T00:05:00Z',
  },
]

beforeAll(() => send(JANE))

test('a profile is found by each of its identifiers, and by each profile id', async () => {
  const { body } = await get('/api/profiles/userId:u1')
  expect(body).toEqual({
    profileId: expect.stringMatching(/^p_[0-9a-f]{32}$/),
    ids: { userId: ['u1'], email: ['jane@acme.io'], anonymousId: ['a1'] },
    traits: { email: 'Jane@Acme.io', name: 'Jane', plan: 'pro' },
    eventCount: 4,
    firstSeen: '2026-01-01T00:01:00.000Z',
    lastSeen: '2026-01-01T00:04:00.000Z',
    groups: ['g1'],
    firstCampaign: {
      value: { name: 'spring' },
      messageId: 'm1',
      time: '2026-01-01T00:01:00.000Z',
    },
    firstReferrer: {
      value: 'https://search.example/',
      messageId: 'm1',
      time: '2026-01-01T00:01:00.000Z',
    },
  })
  for (const id of ['anonymousId:a1', 'email:JANE@acme.io', body.profileId]) {
    expect((await get(`/api/profiles/${encodeURIComponent(id)}`)).body).toEqual(body)
  }
})

test('a profile tells only the traits asked for, and where they come from', async () => {
  const { body } = await get('/api/profiles/userId:u1?include=plan&verbose=true')
  expect(body.traits).toEqual({
    plan: {
      value: 'pro',
      messageId: 'm2',
      time: '2026-01-01T00:02:00.000Z',
      source: 'open',
    },
  })
})

test('a timeline has the events of all identifiers, page by page, newest first', async () => {
  const first = await get('/api/profiles/anonymousId:a1/events?limit=3')
  expect(first.body.events.map(({ messageId }: Answer) => messageId)).toEqual(['m4', 'm3', 'm2'])
  const next = await get(`/api/profiles/userId:u1/events?limit=3&cursor=${first.body.cursor}`)
  expect(next.body.events.map(({ messageId }: Answer) => messageId)).toEqual(['m1'])
  expect(next.body.cursor).toBeNull()
})

test('profiles are found by the beginning of an identifier or a trait, and listed without', async () => {
  for (const [q, ids] of [
    ['jan', ['u1']],
    ['U1', ['u1']],
    ['userId:u', ['u1', 'u2']],
    ['PRO', ['u1']],
    ['nobody', []],
    ['%', []],
  ] as const) {
    const { body } = await get(`/api/profiles?q=${encodeURIComponent(q)}`)
    expect(body.profiles.map(({ ids }: Answer) => ids.userId[0]).sort()).toEqual(ids)
  }
  const first = await get('/api/profiles?limit=1')
  const rest = await get(`/api/profiles?limit=5&cursor=${first.body.cursor}`)
  const all = [...first.body.profiles, ...rest.body.profiles]
  expect(all.map(({ ids }: Answer) => ids.userId[0]).sort()).toEqual(['u1', 'u2'])
  expect(rest.body.cursor).toBeNull()
})

test('a group has traits and members', async () => {
  const { profileId } = (await get('/api/profiles/userId:u1')).body
  expect((await get('/api/groups/g1')).body).toEqual({
    groupId: 'g1',
    traits: { industry: 'tools' },
    members: [profileId],
  })
  expect((await get('/api/groups/none')).status).toBe(404)
})

test('why says which events link two identifiers, or which rule forbids it', async () => {
  const together = (await get('/api/profiles/anonymousId:a1/why/email:jane@acme.io')).body
  expect(together.verdict).toBe('together')
  expect(together.chain.map(({ messageId }: Answer) => messageId)).toEqual(['m2', 'm2'])
  const refused = (await get('/api/profiles/userId:u2/why/anonymousId:a1')).body
  expect(refused.verdict).toBe('refused')
  expect(refused.chain[0]).toMatchObject({
    messageId: 'm5',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    refused: { rule: 'limit', type: 'userId', limit: 1 },
  })
  expect((await get('/api/profiles/userId:u1/why/userId:nobody')).status).toBe(404)
})

test('who follows the changes hears of a merge once', async () => {
  const before = await get('/api/profiles/changes')
  expect(before.body.changes.map(({ type }: Answer) => type)).toContain('profile.created')
  await send([
    { type: 'page', anonymousId: 'c1', messageId: 'c1' },
    { type: 'page', anonymousId: 'c2', messageId: 'c2' },
  ])
  await send([
    { type: 'identify', anonymousId: 'c1', userId: 'c', messageId: 'c3' },
    { type: 'identify', anonymousId: 'c2', userId: 'c', messageId: 'c4' },
  ])
  const after = await get(`/api/profiles/changes?cursor=${before.body.cursor}`)
  const merged = after.body.changes.filter(({ type }: Answer) => type === 'profile.merged')
  expect(merged).toHaveLength(1)
  const { profileId } = (await get('/api/profiles/userId:c')).body
  expect(merged[0]).toMatchObject({ profileId, id: expect.stringMatching(/^\d+-\d+-\d+$/) })
  const end = await get(`/api/profiles/changes?cursor=${after.body.cursor}`)
  expect(end.body.changes).toEqual([])
})

test("Segment's Profile API answers in Segment's shapes", async () => {
  const basic = { authorization: `Basic ${btoa('at_test_token:')}` }
  const path = '/v1/spaces/any/collections/users/profiles/user_id:u1'
  const traits = await get(`${path}/traits?limit=2&verbose=true`, basic)
  expect(traits.body).toEqual({
    traits: {
      email: { value: 'Jane@Acme.io', source_id: 'open', updated_at: '2026-01-01T00:02:00.000Z' },
      name: { value: 'Jane', source_id: 'open', updated_at: '2026-01-01T00:02:00.000Z' },
    },
    cursor: { url: `${path}/traits`, has_more: true, next: 'plan', limit: 2 },
  })
  const events = await get(`${path}/events?limit=1`, basic)
  expect(events.body.data[0]).toMatchObject({
    type: 'track',
    event: 'Bought',
    message_id: 'm4',
    external_ids: [
      { type: 'user_id', id: 'u1' },
      { type: 'anonymous_id', id: 'a1' },
    ],
  })
  const more = await get(`${path}/events?limit=1&next=${events.body.cursor.next}`, basic)
  expect(more.body.data[0].message_id).toBe('m3')
  const ids = await get(`${path}/external_ids`, basic)
  expect(ids.body.data.map(({ type, id }: Answer) => `${type}:${id}`).sort()).toEqual([
    'anonymous_id:a1',
    'email:jane@acme.io',
    'user_id:u1',
  ])
  expect((await get(`${path}/metadata`, basic)).body.metadata).toMatchObject({
    created_at: '2026-01-01T00:01:00.000Z',
    last_message_id: 'm4',
  })
  expect((await get(`${path}/links`, basic)).body.data[0].external_ids[0].id).toBe('g1')
  const account = '/v1/spaces/any/collections/accounts/profiles/group_id:g1'
  expect((await get(`${account}/traits`, basic)).body.traits).toEqual({ industry: 'tools' })
  expect((await get(`${account}/links`, basic)).body.data).toHaveLength(1)
  expect((await get(path.replace('u1', 'u9').concat('/traits'), basic)).status).toBe(404)
  for (const headers of [{}, { authorization: `Basic ${btoa('wk_open:')}` }, AUTHORIZED]) {
    expect((await get(`${path}/traits`, headers as Record<string, string>)).status).toBe(401)
  }
})

test.each([
  ['/api/profiles/nonsense', 400, 'invalid_identifier'],
  ['/api/profiles/email:nonsense', 400, 'invalid_identifier'],
  [`/api/profiles/userId:${'x'.repeat(300)}`, 400, 'invalid_identifier'],
  ['/api/profiles/userId:nobody', 404, 'unknown_profile'],
  ['/api/profiles/userId:nobody/events', 404, 'unknown_profile'],
  ['/api/profiles/userId:u1/events?cursor=%00', 400, 'invalid_cursor'],
  ['/api/profiles/userId:u1/events?cursor=bnVsbA', 400, 'invalid_cursor'],
  ['/api/profiles/userId:u1/events?limit=0', 400, 'invalid_limit'],
  ['/api/profiles/changes?cursor=W251bGxd', 400, 'invalid_cursor'],
  ['/api/profiles?q=a&nonsense=1', 400, 'unknown_parameter'],
])('%s is refused with %i %s', async (path, status, code) => {
  expect(await get(path)).toMatchObject({ status, body: { code } })
})

test('no write key opens the profiles', async () => {
  for (const key of ['wk_open', 'sk_strict']) {
    const headers = { authorization: `Bearer ${key}` }
    expect((await get('/api/profiles/userId:u1', headers)).status).toBe(401)
  }
})

test('digests are those of the export, and a rebuild into empty profiles gives them again', async () => {
  const live = (await get('/api/profiles/digests')).body.digests
  const response = await SELF.fetch('http://collector/api/events/export', { headers: AUTHORIZED })
  const records = (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JsonObject)
  const recomputed = [...digestsOfStored(records, resolveConfiguration())]
  expect(live.map(({ component, digest }: Answer) => [component, digest])).toEqual(
    recomputed.map(([component, { digest }]) => [component, digest]).sort(),
  )
  for (const shard of allProfiles(ENV, 1)) await shard.empty()
  expect((await get('/api/profiles/userId:u1')).status).toBe(404)
  expect(await post('/api/profiles/rebuild')).toEqual({ done: true, cursor: null })
  expect((await get('/api/profiles/digests')).body.digests).toEqual(live)
})

test('a delete leaves a skeleton, keeps late arrivals out, and tells what is to go from the lake', async () => {
  await send([
    {
      type: 'identify',
      userId: 'd1',
      anonymousId: 'da',
      messageId: 'd1',
      timestamp: '2026-02-01T00:01:00Z',
      traits: { email: 'gone@acme.io' },
    },
    { type: 'page', userId: 'd1', messageId: 'd2', timestamp: '2026-02-01T00:09:00Z' },
  ])
  const feed = async (seq: number, record: JsonObject) => {
    const lines = new TextEncoder().encode(JSON.stringify(record)).buffer as ArrayBuffer
    const fed = { journal: 'controls', through: seq }
    await profilesOf(ENV, 0)?.feed({ shard: 0, fed, rows: [{ seq, lines }] })
  }
  const { profileId } = (await get('/api/profiles/userId:d1')).body
  expect(profileId).toMatch(/^p_/)
  await feed(1, {
    type: '$delete',
    id: profileId,
    messageId: 'delete-1',
    source: '$tributary',
    timestamp: '2026-02-01T00:05:00Z',
    receivedAt: '2026-02-01T00:05:00Z',
  })
  expect(await get('/api/profiles/userId:d1')).toMatchObject({ body: { eventCount: 1 } })
  expect((await get('/api/profiles/email:gone@acme.io')).status).toBe(404)
  expect((await get('/api/profiles?q=gone')).body.profiles).toEqual([])
  const erasures = await profilesOf(ENV, 0)?.erasures()
  expect(erasures?.items).toMatchObject([{ messageId: 'd1', deletedBy: 'delete-1' }])
  expect(JSON.stringify(erasures?.items)).not.toContain('gone')
  // On the device that was d1's then: late, and erased at once. The drain takes both out of the lake.
  await send([
    { type: 'page', anonymousId: 'da', messageId: 'd3', timestamp: '2026-02-01T00:02:00Z' },
  ])
  expect((await get('/api/profiles/anonymousId:da')).status).toBe(404)
  expect((await profilesOf(ENV, 0)?.erasures())?.items).toEqual([])
  const left = ['d1', 'd2', 'd3'].map((id) => get(`/api/events?messageId=${id}`))
  const counts = (await Promise.all(left)).map(({ body }) => body.events.length)
  expect(counts).toEqual([0, 1, 0])
})

import { runInDurableObject } from 'cloudflare:test'
import { profileIdOf } from '@tributary/identity'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ADMIN,
  batch,
  bindings,
  exportedLines,
  forgetAll,
  get,
  json,
  post,
  quarantined,
  storedEvents,
  track,
} from '../test-client.ts'
import { readLines } from './adapters/lake.ts'
import { callPrivacy } from './adapters/privacy-requests.ts'
import { forgetSuppressions } from './adapters/suppressions.ts'
import { emptyCounts, type PrivacyRequest } from './core/privacy-request.ts'
import { createFilter } from './core/removal.ts'
import { runPrivacy } from './run-privacy.ts'
import { runningConfig } from './running-config.ts'

afterEach(async () => {
  await forgetAll()
  forgetSuppressions()
})

async function ask(operation: string, body: object) {
  return json(post(`/api/privacy/${operation}`, JSON.stringify(body), ADMIN))
}

const drain = () => post('/api/drain', '', ADMIN)

async function send(events: unknown[], key = 'wk_open') {
  const response = await post('/v1/batch', batch(key, events))
  expect(response.status).toBe(200)
  return (await json(response)).results
}

/** Lines of what is left of erased events. */
async function erasedLines(): Promise<string[]> {
  const lines: string[] = []
  for (const { key } of (await bindings.LAKE.list({ prefix: 'erased/' })).objects) {
    lines.push(...(await readLines(bindings.LAKE, key)))
  }
  return lines
}

const ids = (events: { messageId: string; source: string }[]) =>
  events
    .filter(({ source }) => source !== '$tributary')
    .map(({ messageId }) => messageId)
    .sort()

function ann(messageId: string, more: object = {}) {
  return {
    type: 'identify',
    userId: 'user-ann',
    anonymousId: 'anon-ann',
    messageId,
    traits: { email: 'ann@example.com', name: 'Ann Canary' },
    ...more,
  }
}

describe('an erasure', () => {
  test('takes a person out of events, profiles and quarantine, and nobody else', async () => {
    await send([
      ann('m1'),
      track('m2', { anonymousId: 'anon-ann' }),
      track('o1', { userId: 'bob' }),
    ])
    await send([
      { type: 'nope', messageId: 'q1', traits: { email: 'ann@example.com' } },
      { type: 'nope', messageId: 'q2', userId: 'bob' },
    ])
    await drain()
    await post(
      `/api/compact?date=${new Date().toISOString().slice(0, 10)}&graceSeconds=0`,
      '',
      ADMIN,
    )
    await send([track('m3', { anonymousId: 'anon-ann' }), track('o2', { anonymousId: 'other' })])
    const request = await ask('erase', { id: 'email:ANN@example.com', regulation: 'gdpr' })
    expect(request).toMatchObject({ status: 'done', operation: 'erase', identifiers: 3 })
    expect(request.counts).toMatchObject({ events: 3, lateEvents: 0, quarantineRecords: 1 })
    expect(ids(await storedEvents())).toEqual(['o1', 'o2'])
    const exported = (await exportedLines()).map((line) => JSON.parse(line))
    expect(ids(exported)).toEqual(['o1', 'o2'])
    expect((await get('/api/profiles/userId:user-ann')).status).toBe(404)
    expect((await quarantined()).map(({ payload }) => payload.messageId)).toEqual(['q2'])
    expect(JSON.stringify(await json(get('/api/privacy/requests')))).not.toMatch(/ann@|user-ann/)
  })

  test('takes late arrivals too, and lets no repetition back in', async () => {
    await send([ann('m1')])
    await ask('erase', { id: 'userId:user-ann', requestId: 'r1' })
    const old = '2026-01-01T00:00:00.000Z'
    expect(await send([ann('m1')])).toEqual({ m1: { status: 'duplicate' } })
    await send([ann('m0', { timestamp: old }), track('o1', { userId: 'bob' })])
    await drain()
    expect(ids(await storedEvents())).toEqual(['o1'])
    expect(await ask('erase', { id: 'userId:user-ann', requestId: 'r1' })).toMatchObject({
      counts: { events: 2, lateEvents: 1 },
    })
    const skeletons = await erasedLines()
    expect(skeletons.map((line) => JSON.parse(line))).toMatchObject([
      { type: '$erased', messageId: 'm1', source: 'open', deletedBy: 'privacy-r1-0' },
      { type: '$erased', messageId: 'm0', source: 'open', deletedBy: 'privacy-r1-0' },
    ])
    expect(skeletons.join()).not.toMatch(/ann@|user-ann|anon-ann|Canary/)
  })

  test('leaves what happens later', async () => {
    await send([ann('m1')])
    await ask('erase', { id: 'userId:user-ann' })
    await send([track('m9', { userId: 'user-ann' })])
    await drain()
    expect(await json(get('/api/profiles/userId:user-ann'))).toMatchObject({ eventCount: 1 })
    expect(ids(await storedEvents())).toEqual(['m9'])
  })

  test('has a receipt that can be checked', async () => {
    await send([ann('m1')])
    const { receipt } = await ask('erase', { id: 'userId:user-ann', requestId: 'r2' })
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode('test-receipt-secret'),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    )
    const signature = Uint8Array.from(receipt.signature.match(/../g), (hex: string) =>
      Number.parseInt(hex, 16),
    )
    const statement = new TextEncoder().encode(receipt.statement)
    expect(await crypto.subtle.verify('HMAC', key, signature, statement)).toBe(true)
    expect(JSON.parse(receipt.statement)).toMatchObject({
      requestId: 'r2',
      operation: 'erase',
      counts: { events: 1 },
    })
    statement[10] = 0
    expect(await crypto.subtle.verify('HMAC', key, signature, statement)).toBe(false)
  })

  test('leaves nothing of what it took in the rows of a journal', async () => {
    await send([ann('m1'), track('o1', { anonymousId: 'anon-ann-not' })])
    await ask('erase', { id: 'userId:user-ann' })
    for (const name of ['journal-0', 'journal-1']) {
      const text = await runInDurableObject(bindings.JOURNAL.getByName(name), (_, { storage }) => {
        const tables = storage.sql.exec<{ name: string }>(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
        )
        const rows = [...tables].flatMap((table) => [
          ...storage.sql.exec(`SELECT * FROM ${table.name}`).raw(),
        ])
        return rows
          .flat()
          .map((value) =>
            value instanceof ArrayBuffer ? new TextDecoder('latin1').decode(value) : `${value}`,
          )
          .join('\n')
      })
      expect(text).not.toMatch(/ann@example|Ann Canary|user-ann/)
    }
  })
})

describe('a request', () => {
  test('is the same one under the same id, and another is refused under it', async () => {
    const first = await ask('unlink', { a: 'userId:u1', b: 'email:x@example.com', requestId: 'r3' })
    const again = await ask('unlink', { a: 'userId:u1', b: 'email:x@example.com', requestId: 'r3' })
    expect(again).toEqual(first)
    expect(await ask('erase', { id: 'userId:u1', requestId: 'r3' })).toMatchObject({
      success: false,
      code: 'request_id_taken',
    })
    expect(await storedEvents('&type=$unlink')).toHaveLength(1)
  })

  test('may be written as OpenDSR does', async () => {
    await send([ann('m1')])
    const request = await ask('erase', {
      regulation: 'gdpr',
      subject_request_id: 'a7551968-d5d6-44b2-9831-815ac9017798',
      subject_request_type: 'erasure',
      submitted_time: '2026-10-02T15:00:00Z',
      subject_identities: [
        { identity_type: 'email', identity_value: 'ann@example.com', identity_format: 'raw' },
      ],
    })
    expect(request).toMatchObject({
      request_status: 'completed',
      subject_request_id: 'a7551968-d5d6-44b2-9831-815ac9017798',
      submittedAt: '2026-10-02T15:00:00.000Z',
      counts: { events: 1 },
    })
  })

  test.for([
    ['erase', {}, 'missing_identifier'],
    ['erase', { id: 'null' }, 'invalid_identifier'],
    ['erase', { id: 'userId:null' }, 'invalid_identifier'],
    ['erase', { id: 5 }, 'invalid_identifier'],
    ['erase', { id: 'userId:u', requestId: '' }, 'invalid_parameter'],
    ['erase', { subject_request_type: 'access', subject_identities: [] }, 'wrong_request_type'],
    ['unlink', { a: 'userId:u' }, 'invalid_identifier'],
    ['unlink', { a: 'userId:u', b: 'userId:u' }, 'missing_identifier'],
  ] as const)('%s of %o is refused as %s', async ([operation, body, code]) => {
    expect(await ask(operation, body)).toMatchObject({ success: false, code })
  })

  test('is not there for whoever has no admin token', async () => {
    const body = JSON.stringify({ id: 'userId:u1' })
    for (const key of ['wk_open', 'sk_strict']) {
      const headers = { authorization: `Bearer ${key}`, 'x-write-key': key }
      expect((await post('/api/privacy/erase', body, headers)).status).toBe(401)
      expect((await get('/api/privacy/requests', headers)).status).toBe(401)
    }
  })
})

describe('a suppressed person', () => {
  test('is acknowledged and not stored, until that is taken back', async () => {
    await send([track('s1', { userId: 'sue' })])
    await ask('suppress', { id: 'userId:sue' })
    expect(await send([track('s2', { userId: 'sue' }), track('o1', { userId: 'bob' })])).toEqual({
      s2: { status: 'accepted' },
      o1: { status: 'accepted' },
    })
    expect(ids(await storedEvents())).toEqual(['o1', 's1'])
    const { sources } = await json(get('/api/stats'))
    expect(sources.open).toMatchObject({ accepted: 2, suppressed: 1 })
    await ask('unsuppress', { id: 'userId:sue' })
    await send([track('s3', { userId: 'sue' })])
    expect(ids(await storedEvents())).toEqual(['o1', 's1', 's3'])
  })

  test('is stored where it happened before the objection', async () => {
    await ask('suppress', { id: 'userId:sue' })
    await send([track('s1', { userId: 'sue', timestamp: '2026-01-01T00:00:00Z' })])
    expect(ids(await storedEvents())).toEqual(['s1'])
  })
})

describe('what is stored while an instance does not know yet', () => {
  test('goes from the lake half a minute later, and nothing from before', async () => {
    const before = new Date(Date.now() - 60_000).toISOString()
    await send([
      track('s1', { userId: 'sue', timestamp: '2026-01-01T00:00:00Z' }),
      track('s2', { userId: 'sue' }),
      track('o1', { userId: 'bob' }),
    ])
    const request: PrivacyRequest = {
      id: 'r4',
      operation: 'suppress',
      subjects: [profileIdOf({ key: 'userId:sue' })],
      requestedAt: before,
      status: 'pending',
      counts: emptyCounts(),
      counted: {},
    }
    await callPrivacy(bindings, 'add', request)
    await drain()
    expect(ids(await storedEvents())).toEqual(['o1', 's1', 's2'])
    await runPrivacy(bindings, runningConfig(), () => Date.now() + 31_000)
    expect(ids(await storedEvents())).toEqual(['o1', 's1'])
    expect(await callPrivacy(bindings, 'open')).toEqual([])
  })
})

test('rows that are not drained lose what is taken out, and keep the rest and their memory', async () => {
  const send3 = () => send([ann('m1'), track('o1', { userId: 'bob' }), track('o2')])
  await send3()
  await send([{ type: 'nope', messageId: 'q1', userId: 'user-ann' }])
  const ofAnn = profileIdOf({ key: 'userId:user-ann' })
  const removal = {
    events: [{ source: 'open', messageId: 'm1', lead: ofAnn }],
    refused: [{ fingerprint: ofAnn, from: 0, through: Date.now() }],
    suppressed: [],
  }
  const removed = { events: 0, quarantineRecords: 0 }
  for (const name of ['journal-0', 'journal-1']) {
    const { events, quarantineRecords } =
      await bindings.JOURNAL.getByName(name).removeRecords(removal)
    removed.events += events
    removed.quarantineRecords += quarantineRecords
  }
  expect(removed).toEqual({ events: 1, quarantineRecords: 1 })
  for (const isDrained of [false, true]) {
    if (isDrained) await drain()
    expect(ids(await storedEvents())).toEqual(['o1', 'o2'])
    expect(await quarantined()).toEqual([])
    expect(await send3()).toMatchObject({
      m1: { status: 'duplicate' },
      o1: { status: 'duplicate' },
    })
  }
  const { shards } = await json(get('/api/stats'))
  expect(shards.map((shard: { backlogBytes: number }) => shard.backlogBytes)).toEqual([0, 0])
})

test.for([
  ['an event', { userId: 'user-ann', type: 'x' }, true],
  ['traits', { traits: { email: 'ANN@example.com' } }, true],
  ['an address anywhere', { properties: { to: 'Write to ann@example.com!' } }, true],
  ['a text that is cut off', '{"batch":[{"userId":"user-ann","ev', true],
  ['a form', 'data=%7B%22email%22%3A%22ann%40example.com%22', true],
  ['bytes', `base64:${btoa('\0\u0001 "anonymousId":"anon-ann" ')}`, true],
  ['somebody else', { userId: 'user-anna', traits: { email: 'x.ann@example.com' } }, false],
  ['another text', '{"batch":[{"userId":"user-ann2"', false],
  ['an id where it is no id', { properties: { note: 'user-ann' } }, false],
] as const)('of what was refused, %s is known for theirs or not: %o', ([, payload, isTheirs]) => {
  const keys = ['userId:user-ann', 'email:ann@example.com', 'anonymousId:anon-ann']
  const refused = keys.map((key) => {
    return { fingerprint: profileIdOf({ key }), from: 0, through: Date.now() }
  })
  const filter = createFilter({ events: [], refused, suppressed: [] }, runningConfig().rules)
  const line = JSON.stringify({ receivedAt: '2026-01-01T00:00:00.000Z', payload })
  expect(filter.leaveOfRefused(line)).toBe(isTheirs ? undefined : line)
})

test('of a batch that was refused, others’ events stay', () => {
  const fingerprint = profileIdOf({ key: 'userId:user-ann' })
  const refused = [{ fingerprint, from: 0, through: Date.now() }]
  const filter = createFilter({ events: [], refused, suppressed: [] }, runningConfig().rules)
  const bob = { type: 'track', userId: 'bob' }
  const batch = [{ type: 'track', userId: 'user-ann' }, bob]
  const record = { receivedAt: '2026-01-01T00:00:00.000Z', payload: { sentAt: 'x', batch } }
  const left = JSON.parse(filter.leaveOfRefused(JSON.stringify(record)) ?? 'null')
  expect(left.payload).toEqual({ sentAt: 'x', batch: [bob] })
})

test('an export has everything on a person, in a tar archive', async () => {
  await send([ann('m1'), track('m2', { anonymousId: 'anon-ann' }), track('o1', { userId: 'bob' })])
  await send([{ type: 'nope', messageId: 'q1', userId: 'user-ann' }])
  const request = await ask('export', { id: 'userId:user-ann' })
  expect(request.status).toBe('done')
  const files = readTar(new Uint8Array(await (await get(request.archive)).arrayBuffer()))
  expect(JSON.parse(files['profile-1.json'] ?? '')).toMatchObject({
    ids: { userId: ['user-ann'], email: ['ann@example.com'], anonymousId: ['anon-ann'] },
    traits: { name: 'Ann Canary' },
    provenance: { name: { messageId: expect.stringContaining('m1') } },
  })
  expect(files['events-1-00001.ndjson']?.split('\n')).toHaveLength(3)
  expect(files['events-1-00001.ndjson']).not.toContain('bob')
  expect(files['links.ndjson']).toContain('anonymousId:anon-ann')
  expect(files['quarantine-00001.ndjson']).toContain('"q1"')
  expect(JSON.parse(files['requests.json'] ?? '')).toHaveLength(1)
})

/** Files of a tar archive by name. */
function readTar(bytes: Uint8Array): Record<string, string> {
  const files: Record<string, string> = {}
  const text = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to))
  for (let at = 0; bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, at + 135), 8)
    files[text(at, at + 100).replace(/\0.*/s, '')] = text(at + 512, at + 512 + size)
    at += 512 * (1 + Math.ceil(size / 512))
  }
  return files
}

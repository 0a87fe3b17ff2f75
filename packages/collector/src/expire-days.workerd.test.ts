import { digestsOfStored, resolveConfiguration } from '@tributary/identity'
import { afterEach, expect, test } from 'vitest'
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
  track,
} from '../test-client.ts'
import { defineConfig } from './config.ts'
import { expireDays } from './expire-days.ts'

afterEach(forgetAll)

const DAY_MS = 24 * 60 * 60 * 1000
const CONFIG = defineConfig({
  sources: [
    { id: 'open', writeKeys: ['wk_open'], retentionDays: 30 },
    { id: 'strict', writeKeys: ['wk_strict'] },
  ],
  shards: 2,
})

async function idsKept(): Promise<string[]> {
  return (await exportedLines()).map((line) => JSON.parse(line).messageId as string).sort()
}

test('what is older than its source keeps it goes, from lake, Parquet and quarantine; nothing else does', async () => {
  const today = new Date().toISOString().slice(0, 10)
  await post('/v1/batch', batch('wk_open', [track('m1'), { type: 'nope', userId: 'u' }]))
  await post('/api/drain', '', ADMIN)
  await post(`/api/compact?date=${today}&graceSeconds=0`, '', ADMIN)
  await post('/v1/batch', batch('wk_open', [track('m2')]))
  await post('/v1/batch', batch('wk_strict', [track('m3')]))
  await post('/api/drain', '', ADMIN)
  const now = Date.now()
  expect(await expireDays(bindings, CONFIG, now + 29 * DAY_MS)).toBe(0)
  expect(await idsKept()).toEqual(['m1', 'm2', 'm3'])
  expect(await expireDays(bindings, CONFIG, now + 31 * DAY_MS)).toBe(2)
  expect(await idsKept()).toEqual(['m3'])
  expect(await quarantined()).toEqual([])
  expect(await expireDays(bindings, CONFIG, now + 31 * DAY_MS)).toBe(0)
})

test('profiles forget it as well, and are then what the lake that is left gives', async () => {
  const device = { anonymousId: 'a1', timestamp: '2026-01-01T00:00:00Z' }
  const identify = { type: 'identify', messageId: 'm1', ...device, userId: 'u1' }
  const people = Array.from({ length: 150 }, (_, index) =>
    track(`p${index}`, { userId: `p${index}`, anonymousId: `d${index}` }),
  )
  await post(
    '/v1/batch',
    batch('wk_open', [{ ...identify, traits: { email: 'old@acme.io' } }, ...people]),
  )
  await post(
    '/v1/batch',
    batch('wk_strict', [track('m2'), { ...track('m3'), userId: 'u1', anonymousId: 'a2' }]),
  )
  await post('/api/drain', '', ADMIN)
  const before = (await json(get('/api/profiles/anonymousId:a1'))).profileId
  expect(await json(get('/api/profiles/userId:u1'))).toMatchObject({
    profileId: before,
    eventCount: 3,
  })
  const { cursor } = await json(get('/api/profiles/changes?limit=1000'))

  await expireDays(bindings, CONFIG, Date.now() + 31 * DAY_MS)
  expect((await get('/api/profiles/userId:p7')).status).toBe(404)
  expect((await get('/api/profiles/email:old@acme.io')).status).toBe(404)
  expect((await json(get('/api/profiles?q=old'))).profiles).toEqual([])
  // What joined the device and the user is forgotten: they are two again.
  const device1 = await json(get('/api/profiles/anonymousId:a1'))
  expect(device1).toMatchObject({ ids: { anonymousId: ['a1'] }, eventCount: 1, traits: {} })
  const user = await json(get('/api/profiles/userId:u1'))
  expect(user).toMatchObject({ ids: { userId: ['u1'], anonymousId: ['a2'] }, eventCount: 1 })
  const { changes } = await json(get(`/api/profiles/changes?limit=1000&cursor=${cursor}`))
  const types = changes.map(({ type }: { type: string }) => type)
  expect(types.filter((type: string) => type === 'profile.erased')).toHaveLength(150)
  expect(types).toContain('profile.split')

  const records = (await exportedLines()).map((line) => JSON.parse(line))
  const expected = digestsOfStored(records, resolveConfiguration())
  const live = (await json(get('/api/profiles/digests'))).digests
  const digests = (list: { component: string; digest: string }[]) =>
    list.map(({ component, digest }) => `${component} ${digest}`).sort()
  expect(digests(live)).toEqual(
    digests([...expected].map(([component, { digest }]) => ({ component, digest }))),
  )
  expect(await bindings.PROFILES?.getByName('profiles-0').expire('open', '2020-01-01')).toBe(true)
  await post('/v1/batch', batch('wk_strict', [track('m4', { userId: 'u1' })]))
  await post('/api/drain', '', ADMIN)
  expect(await json(get('/api/profiles/anonymousId:a1'))).toMatchObject({ eventCount: 3 })
})

test.for([0, 1.5, -1, '30', null])(
  'days are a whole number from 1, and %s is none',
  (retentionDays) => {
    const source = { id: 'a', writeKeys: ['k'], retentionDays } as {
      id: string
      writeKeys: string[]
    }
    expect(() => defineConfig({ sources: [source] })).toThrow('sources[0].retentionDays')
  },
)

test('no source may take the name of the control records', () => {
  expect(() => defineConfig({ sources: [{ id: '$tributary', writeKeys: ['k'] }] })).toThrow(
    'sources[0].id',
  )
})

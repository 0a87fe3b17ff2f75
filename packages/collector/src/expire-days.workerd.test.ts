import { afterEach, expect, test } from 'vitest'
import {
  ADMIN,
  batch,
  bindings,
  exportedLines,
  forgetAll,
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

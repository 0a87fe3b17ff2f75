import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { READY_QUERIES } from './core/ready-queries.ts'
import { queryLake } from './query-lake.ts'

const folder = mkdtempSync(join(tmpdir(), 'tributary-query-'))
const TODAY = '2026-02-01'

/** When, who, what, and what more there is to it. Days are of January 2026; the 5th is a Monday. */
const DEEDS: [string, object, object][] = [
  ['05T10:00', { anonymousId: 'd1' }, page('/', { source: 'mail', medium: 'email', name: 'jan' })],
  ['05T10:05', { anonymousId: 'd1' }, track('Viewed')],
  ['05T10:06', { anonymousId: 'd1' }, track('Viewed')],
  // The device's user is known from here on, and counts for what was before.
  ['05T10:10', { anonymousId: 'd1', userId: 'ada' }, { type: 'identify' }],
  ['06T10:05', { userId: 'ada' }, track('Bought', 20)],
  ['05T09:00', { userId: 'bob' }, track('Bought', 7)],
  ['05T11:00', { userId: 'bob' }, track('Viewed')],
  ['13T11:00', { userId: 'bob' }, page('/', { source: 'ads' })],
  ['27T10:00', { userId: 'bob' }, track('Bought', 5)],
  ['12T10:00', { userId: 'eve' }, track('Viewed')],
  ['12T10:01', { userId: 'eve' }, page('/help')],
]

function page(path: string, campaign?: object): object {
  return { type: 'page', properties: { path }, context: campaign ? { campaign } : {} }
}

function track(event: string, total?: number): object {
  return { type: 'track', event, properties: total === undefined ? {} : { total } }
}

beforeAll(() => {
  const day = join(folder, 'events', 'source=web', `date=${TODAY}`)
  mkdirSync(day, { recursive: true })
  const lines = DEEDS.map(([time, who, what], index) => {
    const timestamp = `2026-01-${time}:00.000Z`
    const received = { messageId: `m${index}`, source: 'web', receivedAt: `${TODAY}T00:00:00.000Z` }
    return JSON.stringify({ ...received, timestamp, ...who, ...what })
  })
  writeFileSync(
    join(day, '0-0123456789abcdef-000000000001-000000000009.ndjson.gz'),
    gzipSync(`${lines.join('\n')}\n`),
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ask(sql: string, variables = {}, range = {}, lake = folder): Promise<unknown[][]> {
  const all: unknown[][] = []
  await queryLake({ folder: lake, range, sql, variables, memory: '1GB' }, async ({ rows }) => {
    for await (const chunk of rows) all.push(...chunk)
  })
  return all
}

function askReady(name: string, settings = {}): Promise<unknown[][]> {
  const { sql, settings: known } = READY_QUERIES[name] as (typeof READY_QUERIES)[string]
  const defaults = Object.fromEntries(Object.entries(known).map(([key, { value }]) => [key, value]))
  return ask(sql, { ...defaults, ...settings })
}

test('a funnel counts people who took the steps in their order and in time', async () => {
  expect(await askReady('funnel', { steps: 'Viewed, Bought', days: '10' })).toEqual([
    [1, 'Viewed', 3, 100, null, null],
    // Bob had bought before, and again too late.
    [2, 'Bought', 1, 33.3, 33.3, 24],
  ])
  const [, bought] = await askReady('funnel', { steps: 'Viewed,Bought', days: '30' })
  expect(bought?.slice(0, 3)).toEqual([2, 'Bought', 2])
  const nobody = await askReady('funnel', { steps: 'Nothing,Viewed' })
  expect(nobody.map((row) => row.slice(0, 3))).toEqual([
    [1, 'Nothing', 0],
    [2, 'Viewed', 0],
  ])
})

test('retention tells who came back in which week', async () => {
  expect(await askReady('retention')).toEqual([
    ['2026-01-05', 2, 50, 0, 50, 0, 0, 0, 0, 0],
    ['2026-01-12', 1, 0, 0, 0, 0, 0, 0, 0, 0],
  ])
})

test('campaigns have the visitors and the conversions that they led to', async () => {
  expect(await askReady('campaigns', { goal: 'Bought' })).toEqual([
    ['mail', 'email', 'jan', 1, 1, 20],
    ['(direct)', '(none)', '(none)', 0, 1, 7],
    ['ads', '(none)', '(none)', 1, 1, 5],
  ])
  const late = await askReady('campaigns', { goal: 'Bought', days: '7' })
  expect(late.find(([source]) => source === 'ads')?.slice(3)).toEqual([1, 0, 0])
})

test('paths are ways without repeats, which a pause ends', async () => {
  const paths = await askReady('paths', { limit: '10' })
  expect(paths).toContainEqual(['/ → Viewed', 1, 1])
  expect(paths).toContainEqual(['Viewed → /help', 1, 1])
  expect(paths).toContainEqual(['Bought', 2, 3])
  expect(await askReady('paths', { start: 'Viewed', length: '1' })).toEqual([['Viewed', 3, 3]])
})

test('days of arrival and sources narrow every query', async () => {
  const count = 'SELECT count(*) FROM events'
  expect(await ask(count)).toEqual([[DEEDS.length]])
  expect(await ask(count, {}, { source: 'web', from: TODAY, to: TODAY })).toEqual([[DEEDS.length]])
  expect(await ask(count, {}, { from: '2026-02-02' })).toEqual([[0]])
  expect(await ask(count, {}, { to: '2026-01-31' })).toEqual([[0]])
  expect(await ask(count, {}, { source: "o'ther" })).toEqual([[0]])
})

test('an empty lake is a lake, and what DuckDB objects to is one line', async () => {
  const empty = join(folder, 'empty')
  mkdirSync(join(empty, 'events'), { recursive: true })
  expect(await ask('SELECT count(*), count(DISTINCT person) FROM steps', {}, {}, empty)).toEqual([
    [0, 0],
  ])
  await expect(ask('SELECT nothing FROM events')).rejects.toMatchObject({
    code: 'sql_error',
    message: expect.not.stringContaining('\n'),
  })
})

test('integers keep their digits', async () => {
  expect(await ask('SELECT 42::BIGINT, 9007199254740993::BIGINT, 1.5::DOUBLE')).toEqual([
    [42, '9007199254740993', 1.5],
  ])
})

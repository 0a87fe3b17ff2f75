import type { SeriesAnswer } from '@tributary/protocol'
import { expect, test } from 'vitest'
import { formatBytes, formatDollars, formatSpan, maskKey } from './format.ts'
import { sumDays } from './lake-days.ts'
import { pathOf, placeOf } from './pages.ts'
import { identifiersOf, layOutChain, nameOf, type Profile, traitsOf } from './profile-view.ts'
import { groupRecords, summaryOf } from './quarantine-groups.ts'
import { chartsOf } from './series-charts.ts'
import {
  addEvents,
  factsOf,
  MAX_LISTED,
  matchesFilter,
  type StoredEvent,
  titleOf,
} from './stored-event.ts'
import { MAX_SAMPLES, sumReplays } from './sum-replays.ts'

function event(messageId: string, more: object = {}): StoredEvent {
  const time = '2026-11-22T10:00:00.000Z'
  const base = { type: 'track', messageId, source: 'web', receivedAt: time, timestamp: time }
  return { ...base, ...more } as StoredEvent
}

test('sizes, spans and amounts are read at a glance', () => {
  expect([0, 1023, 1536, 150 * 1024, 3 * 2 ** 30].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.5 KiB',
    '150 KiB',
    '3.0 GiB',
  ])
  expect([0, 999, 59_000, 600_000, 7_200_000, 9e8].map(formatSpan)).toEqual([
    '0 ms',
    '999 ms',
    '59 s',
    '10 min',
    '2 h',
    '10 days',
  ])
  expect([0, 0.000123, 1.5].map(formatDollars)).toEqual(['$0', '$0.00012', '$1.50'])
  expect(maskKey('wk_0123456789')).not.toContain('3456')
})

test('the list has each event once, newest first, and does not grow for ever', () => {
  const many = Array.from({ length: MAX_LISTED + 50 }, (_, index) =>
    event(`m-${index}`, { receivedAt: new Date(1e12 + index).toISOString() }),
  )
  const list = addEvents(addEvents([], many), many.slice(-10))
  expect(list).toHaveLength(MAX_LISTED)
  expect(list[0]?.messageId).toBe(`m-${many.length - 1}`)
  expect(new Set(list.map(({ messageId }) => messageId)).size).toBe(MAX_LISTED)
  // One id of two sources is two events.
  expect(addEvents([event('a')], [event('a', { source: 'app' })])).toHaveLength(2)
})

test('a filter narrows by source, by type, and by a text anywhere, in any case', () => {
  const one = event('a', { event: 'Signed Up', properties: { plan: 'Pro' } })
  const none = { source: '', type: '', text: '' }
  expect(matchesFilter(one, none)).toBe(true)
  expect(matchesFilter(one, { ...none, text: 'pRo' })).toBe(true)
  expect(matchesFilter(one, { ...none, text: 'basic' })).toBe(false)
  expect(matchesFilter(one, { ...none, source: 'app' })).toBe(false)
  expect(matchesFilter(one, { ...none, type: 'page' })).toBe(false)
})

test('an event is called by what it is about', () => {
  expect(titleOf(event('a', { event: 'Signed Up' }))).toBe('Signed Up')
  expect(titleOf(event('a', { type: 'page', name: 'Cart' }))).toBe('Cart')
  expect(titleOf(event('a', { type: 'page', context: { page: { path: '/x' } } }))).toBe('/x')
  expect(titleOf(event('a', { type: 'group', groupId: 'acme' }))).toBe('acme')
  expect(titleOf(event('a', { type: 'identify', userId: 'u1' }))).toBe('u1')
  expect(titleOf(event('a', { type: 'screen' }))).toBe('screen')
})

test('the detail tells of the verdict, the clock, faults of the plan, and a replay', () => {
  const notes = {
    clock: { method: 'sent-at', confidence: 'high', offsetMs: -300 },
    violations: [{ path: 'properties.total', message: 'must be a number' }],
    flags: ['timestamp_unreadable'],
    replayed: { id: 'q_1' },
  }
  const facts = factsOf(event('a', { _tributary: notes })).map((fact) => fact.join(': '))
  expect(facts).toContain('Verdict: accepted, replayed from q_1')
  expect(facts).toContain('Time found by: sent-at (high), moved by -300 ms')
  expect(facts).toContain('Plan, fault 1: properties.total: must be a number')
  expect(facts).toContain('Flags: timestamp_unreadable')
})

test('refusals are grouped by code and source, the largest group first', () => {
  const record = (id: string, code: string, source: string) => ({
    id,
    code,
    source,
    message: '',
    receivedAt: `2026-11-22T10:00:0${id}.000Z`,
    payload: null,
  })
  const groups = groupRecords([
    record('1', 'bot', 'web'),
    record('2', 'unknown_type', 'web'),
    record('3', 'unknown_type', 'web'),
    record('4', 'unknown_type', 'app'),
  ])
  expect(groups.map(({ code, source, records }) => [code, source, records.length])).toEqual([
    ['unknown_type', 'web', 2],
    ['bot', 'web', 1],
    ['unknown_type', 'app', 1],
  ])
  expect(groups[0]?.newest).toBe('2026-11-22T10:00:03.000Z')
  expect(summaryOf('x'.repeat(500)).length).toBeLessThan(170)
})

test('files of the lake are summed up by day and source, whatever else lies there', () => {
  const folder = 'events/source=web/date=2026-11-21/'
  const days = sumDays([
    { key: `${folder}0-a-000000000001-000000000002.ndjson.gz`, bytes: 10 },
    { key: `${folder}part-00000-x.parquet`, bytes: 20 },
    { key: `${folder}_manifest.json`, bytes: 1 },
    { key: 'events/source=web/date=2026-11-20/part-00000-x.parquet', bytes: 5 },
    { key: 'quarantine/source=web/date=2026-11-22/0-a-1-2.ndjson.gz', bytes: 7 },
    { key: 'elsewhere/file', bytes: 1000 },
  ])
  expect(days.map(({ date, bytes, files, state }) => [date, bytes, files, state])).toEqual([
    ['2026-11-22', 7, 1, 'open'],
    ['2026-11-21', 31, 3, 'mixed'],
    ['2026-11-20', 5, 1, 'compacted'],
  ])
})

test('any identifier is an address and back, and a broken address is a page', () => {
  for (const id of ['userId:a/b', 'email:ü@x.example', 'anonymousId:50%', 'userId:?#']) {
    expect(placeOf(pathOf('people', id))).toEqual({ page: 'people', subject: id })
  }
  expect(placeOf('/console')).toEqual({ page: 'live', subject: undefined })
  expect(placeOf('/console/nowhere')).toEqual({ page: 'live', subject: undefined })
  expect(placeOf('/console/people/%E0%A4%A')).toEqual({ page: 'people', subject: undefined })
})

test('a chain is laid out from its start, whichever way its links are written', () => {
  const link = (lead: string, other: string, more = {}) => ({
    kind: 'link' as const,
    lead: { key: lead },
    other: { key: other },
    time: '2026-11-22T10:00:00.000Z',
    messageId: `${lead} ${other}`,
    ...more,
  })
  const graph = layOutChain('userId:a', [
    link('userId:a', 'anonymousId:1'),
    link('userId:b', 'anonymousId:1', { refused: { rule: 'unlink' } }),
  ])
  expect(graph.nodes.map(({ key }) => key)).toEqual(['userId:a', 'anonymousId:1', 'userId:b'])
  expect(graph.edges.map(({ label }) => label)).toEqual([
    'named in one event, 2026-11-22 10:00',
    'refused: told apart by an operator',
  ])
  expect(graph.edges.map(({ isRefused }) => isRefused)).toEqual([false, true])
  for (const { fromY, toY } of graph.edges) expect(toY).toBeGreaterThan(fromY)
  expect(graph.height).toBeGreaterThan(graph.nodes.at(-1)?.y as number)
})

test('a person is called by the name, and else by the best identifier', () => {
  const profile: Profile = {
    profileId: 'p_1',
    ids: { userId: ['u1'], anonymousId: ['x', 'y'] },
    traits: {},
    eventCount: 1,
    firstSeen: '',
    lastSeen: '',
    groups: [],
  }
  expect(identifiersOf(profile)).toEqual(['userId:u1', 'anonymousId:x', 'anonymousId:y'])
  expect(nameOf(profile)).toBe('u1')
  expect(nameOf({ ...profile, traits: { name: 'Ada' } })).toBe('Ada')
  const origin = { messageId: 'm', time: 't', source: 'web' }
  const traits = { plan: { value: { tier: 2 }, ...origin }, age: { value: 36, ...origin } }
  expect(traitsOf({ ...profile, traits })).toEqual([
    { name: 'age', value: '36', ...origin },
    { name: 'plan', value: '{"tier":2}', ...origin },
  ])
})

test('charts tell rates, losses and costs of the whole range', () => {
  const series: SeriesAnswer = {
    range: 'day',
    stepMs: 15 * 60_000,
    times: [0, 900_000],
    accepted: { web: [30, 0] },
    types: { track: [30, 0] },
    duplicates: [1, 2],
    rejected: { bot: [0, 4] },
    latency: { p50: [null, 8], p95: [null, 120] },
    created: [10, 5],
    received: [8, 6],
    backlog: { '0': [0, 2048] },
    operations: { requests: [1_000_000, 1_000_000], rowsWritten: [0, 500_000] },
  }
  const charts = chartsOf(series)
  const of = (title: string) => charts.find((chart) => chart.title.startsWith(title))
  expect(of('Events per minute by source')?.lines[0]?.values).toEqual([2, 0])
  expect(of('Duplicates')?.summary).toBe('3 duplicates, 4 refused')
  expect(of('Missing')?.lines[0]?.values).toEqual([2, 1])
  expect(of('From')?.summary).toBe('95 % within 120 ms at worst')
  expect(of('Waiting')?.summary).toBe('2.0 KiB at most in one journal')
  expect(of('Cost')?.lines[0]?.values).toEqual([0.3, 1.1])
})

test('the calls of a replay add up to one, with the samples of its beginning', () => {
  const call = (examined: number, cursor: string | null) => ({
    examined,
    stored: 1,
    duplicates: 2,
    notReplayable: 3,
    stillRejected: { unknown_type: examined },
    samples: Array.from({ length: 3 }, (_, index) => ({ id: `${examined}-${index}`, event: {} })),
    cursor,
  })
  const sum = sumReplays(sumReplays(undefined, call(1000, 'more')), call(20, null))
  expect(sum).toMatchObject({ examined: 1020, stored: 2, duplicates: 4, notReplayable: 6 })
  expect(sum).toMatchObject({ stillRejected: { unknown_type: 1020 }, cursor: null })
  expect(sum.samples?.map(({ id }) => id)).toEqual(['1000-0', '1000-1', '1000-2', '20-0', '20-1'])
  expect(sum.samples).toHaveLength(MAX_SAMPLES)
})

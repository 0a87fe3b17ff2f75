import { expect, test } from 'vitest'
import { dayRange, daysOfKeys, readDay } from './days.ts'
import { judgeBacklog, judgeClock, judgeCookies } from './doctor-report.ts'
import { eventLine } from './event-line.ts'
import { createServerSentReader } from './server-sent.ts'
import { textTable } from './text-table.ts'

test('what a visitor sent cannot steer a terminal', () => {
  const line = eventLine({
    type: 'track',
    event: 'a\u001b[2Jb\nc\u202ed',
    userId: '\u0007u',
    properties: { x: '\u009b1m' },
  })
  expect(Object.values(line).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(line.name).toBe('a [2Jb c d')
})

test('tables have their columns under each other, numbers to the right', () => {
  expect(
    textTable(
      ['name', 'n'],
      [
        ['Äpfel', '5'],
        ['x', '1200'],
        ['y'.repeat(70), ''],
      ],
    ),
  ).toEqual([
    `name${' '.repeat(56)}     n`,
    `${'-'.repeat(60)}  ----`,
    `Äpfel${' '.repeat(55)}     5`,
    `x${' '.repeat(59)}  1200`,
    `${'y'.repeat(59)}…`,
  ])
  expect(textTable(['a'], [])).toEqual(['a', '-'])
})

test('server-sent events are read whatever the pieces they come in', () => {
  const stream =
    'retry: 1000\n\n: still here\n\nid: 1\ndata: {"a":1}\n\nid: 2\r\ndata: x\r\ndata: y\r\n\r\nid: 3\ndata: cut'
  const whole = [
    { id: '1', data: '{"a":1}' },
    { id: '2', data: 'x\ny' },
  ]
  for (let size = 1; size < stream.length; size++) {
    const read = createServerSentReader()
    const messages = []
    for (let at = 0; at < stream.length; at += size)
      messages.push(...read(stream.slice(at, at + size)))
    expect(messages).toEqual(whole)
  }
})

test('days are those of the keys, in the range, once', () => {
  const keys = [
    'b/date=2026-01-02/x',
    'a/date=2026-01-02/y',
    'a/date=2026-01-01/z',
    'a/date=2025-12-31/z',
  ].map((key) => `events/source=${key}`)
  expect(daysOfKeys([...keys, 'quarantine/source=a/date=2026-01-05/q'], {})).toEqual([
    '2025-12-31',
    '2026-01-01',
    '2026-01-02',
  ])
  expect(daysOfKeys(keys, { source: 'b' })).toEqual(['2026-01-02'])
  expect(daysOfKeys(keys, { from: '2026-01-01', to: '2026-01-01' })).toEqual(['2026-01-01'])
  expect(dayRange('2026-02-28')).toEqual({
    date: '2026-02-28',
    from: '2026-02-28',
    to: '2026-03-01',
  })
  expect(readDay('2026-02-29', '--from')).toMatchObject({
    ok: false,
    error: { code: 'invalid_date' },
  })
})

test.for([
  [0, 50, 100, 'ok'],
  [0, -500, 100, 'ok'],
  [0, 5000, 100, 'warn'],
  [0, -5000, 100, 'warn'],
  [0, 60_000, 100, 'fail'],
  [0, -60_000, 100, 'fail'],
] as const)(
  'an event sent at %i, received at %i, answered at %i: the clock is %s',
  ([sent, received, answered, status]) => {
    expect(judgeClock(sent, received, answered).status).toBe(status)
  },
)

test.for([
  [[], 'https://t.shop.example', 'skip'],
  [['tributary_id=x; Path=/; Domain=shop.example; Secure'], 'https://t.shop.example', 'ok'],
  [['tributary_id=x; Path=/; Secure'], 'https://www.shop.example', 'ok'],
  [['tributary_id=x; Path=/; Secure'], 'https://t.shop.example', 'warn'],
  [['tributary_id=x; Domain=collector.example'], 'https://t.collector.example', 'warn'],
  [['tributary_id=x; Domain=op.example'], 'https://t.shop.example', 'warn'],
] as [string[], string, string][])(
  'cookies %j of %s are %s for the shop',
  ([cookies, endpoint, status]) => {
    expect(judgeCookies(cookies, endpoint, 'https://www.shop.example').status).toBe(status)
  },
)

test('a backlog is ill when it is old or has rows set aside', () => {
  const shard = { oldestAgeMs: 10_000, setAsideRows: 0 }
  expect(judgeBacklog([shard, { ...shard, oldestAgeMs: null }]).status).toBe('ok')
  expect(judgeBacklog([shard, { ...shard, oldestAgeMs: 400_000 }]).status).toBe('fail')
  expect(judgeBacklog([shard, { ...shard, setAsideRows: 1 }]).status).toBe('fail')
})

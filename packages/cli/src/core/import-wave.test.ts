import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { countWave, dealLanes, prepareWave } from './import-wave.ts'
import { readMappings } from './mapping.ts'
import { canonicalJson } from './message-id.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

function prepare(rows: Record<string, unknown>[], mapping: object) {
  const read = readMappings(mapping)
  if (!read.ok) throw new Error(read.error.message)
  return prepareWave(
    rows.map((values, index) => ({ line: index + 2, values })),
    read.value,
    hash,
  )
}

const IDENTIFY = { type: 'identify', rest: 'auto' }

test('the same content has the same id, whatever the order of the columns', () => {
  const wave = prepare(
    [
      { userId: 'u', a: 1, b: 2 },
      { b: 2, a: 1, userId: 'u' },
      { userId: 'u', a: 1, b: 3 },
    ],
    IDENTIFY,
  )
  expect(wave.events.length).toBe(2)
  expect(wave.repeated).toBe(1)
  expect(wave.events[0]?.messageId).toMatch(/^imp_[0-9a-f]{32}$/)
  expect(JSON.parse(wave.events[0]?.text ?? '')).toEqual({
    messageId: wave.events[0]?.messageId,
    ...{ type: 'identify', userId: 'u', traits: { a: 1, b: 2 } },
  })
})

test('an id of the mapping’s own stays, and other content under it is refused with both lines', () => {
  const wave = prepare(
    [
      { userId: 'u', id: 1, x: 1 },
      { userId: 'u', id: 1, x: 2 },
    ],
    { ...IDENTIFY, messageId: 'row-{id}' },
  )
  expect(wave.events.map(({ messageId }) => messageId)).toEqual(['row-1'])
  expect(wave.refused).toMatchObject([
    { line: 3, code: 'id_conflict', message: expect.stringContaining('Line 2') },
  ])
})

test('verdicts are counted, and what the collector refused is kept with its line', () => {
  const wave = prepare([{ userId: 'a' }, { userId: 'b' }, { userId: 'c' }, {}], IDENTIFY)
  const [a, b, c] = wave.events.map(({ messageId }) => messageId) as [string, string, string]
  const counts = { rows: 10, stored: 0, duplicates: 0, refused: 0 }
  const refused = countWave(
    wave,
    new Map([
      [a, { status: 'accepted' }],
      [b, { status: 'duplicate' }],
      [c, { status: 'rejected', code: 'bot', message: 'A bot.' }],
    ]),
    counts,
  )
  expect(counts).toEqual({ rows: 14, stored: 1, duplicates: 1, refused: 2 })
  expect(refused).toMatchObject([
    { line: 4, code: 'bot', record: { userId: 'c' } },
    { line: 5, code: 'missing_identity' },
  ])
})

test('events of one person are in one lane, in their order', () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ userId: `u${index % 7}`, index }))
  const lanes = dealLanes(prepare(rows, IDENTIFY).events, 4)
  expect(lanes.flat().length).toBe(100)
  expect(lanes.length).toBeGreaterThan(1)
  for (let person = 0; person < 7; person++) {
    const own = lanes.filter((lane) => lane.some((event) => event.person === `u${person}`))
    expect(own.length).toBe(1)
    const indexes = own[0]
      ?.filter((event) => event.person === `u${person}`)
      .map(({ text }) => JSON.parse(text).traits.index)
    expect(indexes).toEqual([...(indexes ?? [])].sort((x, y) => x - y))
  }
})

test('canonical JSON is JSON, with every object in the order of its keys', () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'ä"' })).toBe(
    '{"a":"ä\\"","b":[{"c":null,"d":1}]}',
  )
})

test('a row with a fault gives nothing, and is told once', () => {
  const read = readMappings([
    { type: 'identify', userId: '{id}' },
    {
      type: 'track',
      event: 'Sold',
      userId: '{id}',
      properties: { n: { from: '{n}', as: 'number' } },
    },
    { type: 'group', userId: '{id}' },
  ])
  if (!read.ok) throw new Error(read.error.message)
  const wave = prepareWave([{ line: 2, values: { id: 'u', n: 'many' } }], read.value, hash)
  expect(wave.events).toEqual([])
  expect(wave.refused).toMatchObject([{ line: 2, code: 'invalid_number' }])
})

import { expect, test } from 'vitest'
import { createTimeReader } from './parse-time.ts'

function read(text: string, format?: string, zone?: string): string | undefined {
  const ms = createTimeReader(format, zone)(text)
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

test.for([
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31 09:05', '2026-01-31T09:05:00.000Z'],
  ['2026-01-31T09:05:07.1239Z', '2026-01-31T09:05:07.123Z'],
  ['2026-01-31T09:05:07+02:00', '2026-01-31T07:05:07.000Z'],
  ['2026-01-31T09:05:07-0530', '2026-01-31T14:35:07.000Z'],
  ['1769850307', '2026-01-31T09:05:07.000Z'],
  ['1769850307123', '2026-01-31T09:05:07.123Z'],
  ['2026-02-31', undefined],
  ['31.01.2026', undefined],
  ['2026-01-31T25:00', undefined],
  ['soon', undefined],
  ['12', undefined],
])('without a format, %s is %s', ([text, time]) => {
  expect(read(text as string)).toBe(time)
})

test.for([
  ['31.01.2026 9:05', 'DD.MM.YYYY HH:mm', '2026-01-31T09:05:00.000Z'],
  ['1/31/2026', 'MM/DD/YYYY', '2026-01-31T00:00:00.000Z'],
  ['31.02.2026', 'DD.MM.YYYY', undefined],
  ['31.01.2026 09:05', 'DD.MM.YYYY', undefined],
  ['31x01x2026', 'DD.MM.YYYY', undefined],
])('%s by %s is %s', ([text, format, time]) => {
  expect(read(text as string, format)).toBe(time)
})

test.for([
  ['2026-01-31 09:05', '2026-01-31T08:05:00.000Z'],
  ['2026-07-31 09:05', '2026-07-31T07:05:00.000Z'],
  ['2026-07-31 09:05Z', '2026-07-31T09:05:00.000Z'],
  ['2026-03-29 01:59', '2026-03-29T00:59:00.000Z'],
  ['2026-03-29 03:00', '2026-03-29T01:00:00.000Z'],
  ['2026-10-25 03:00', '2026-10-25T02:00:00.000Z'],
])('in Berlin, %s is %s', ([text, time]) => {
  expect(read(text as string, undefined, 'Europe/Berlin')).toBe(time)
})

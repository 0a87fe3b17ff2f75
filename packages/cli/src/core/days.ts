import { accept, type Refusal, type Result, refuse } from '@tributary/protocol'

const DAY_MS = 24 * 60 * 60 * 1000

/** A day's bounds, as the export takes them. */
export interface DayRange {
  /** Such as `2026-01-31`. */
  date: string
  /** Inclusive. */
  from: string
  /** Exclusive. */
  to: string
}

/** A day as a person writes it, in UTC. */
export function readDay(text: string, name: string): Result<string, Refusal<'invalid_date'>> {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
  return isDay
    ? accept(text)
    : refuse('invalid_date', `${name} must be a date such as 2026-01-31, not "${text}".`)
}

/** The whole of a day in UTC. */
export function dayRange(date: string): DayRange {
  const next = new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10)
  return { date, from: date, to: next }
}

/**
 * The days that have events, oldest first, of those from `from` to `to`, both inclusive.
 *
 * @param keys Keys of the lake: `events/source=web/date=2026-01-31/…`.
 */
export function daysOfKeys(
  keys: Iterable<string>,
  { source, from = '', to = '9999-12-31' }: { source?: string; from?: string; to?: string },
): string[] {
  const days = new Set<string>()
  for (const key of keys) {
    const [, ofSource, date = ''] = /^events\/source=([^/]+)\/date=([^/]+)\//.exec(key) ?? []
    if (date !== '' && date >= from && date <= to && (source === undefined || source === ofSource))
      days.add(date)
  }
  return [...days].sort((a, b) => (a < b ? -1 : 1))
}

/** Parts of a time in a format such as `DD.MM.YYYY HH:mm`. */
const PARTS: Readonly<Record<string, string>> = {
  YYYY: '(?<year>\\d{4})',
  MM: '(?<month>\\d{1,2})',
  DD: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)? ?(Z|[+-]\d{2}:?\d{2})?$/

/** Reads a time as text; gives milliseconds since 1970, or `undefined` where it is none. */
export type TimeReader = (text: string) => number | undefined

/**
 * Makes a reader of times.
 *
 * @param format Of `YYYY MM DD HH mm ss` and what stands between; without one, ISO 8601, or the seconds or milliseconds
 *   since 1970.
 * @param zone IANA name of the zone of times that name none; default UTC.
 * @throws RangeError when there is no such zone.
 */
export function createTimeReader(format?: string, zone?: string): TimeReader {
  const toUtc = zone ? createZone(zone) : (ms: number) => ms
  return format ? readByFormat(format, toUtc) : (text) => readIso(text, toUtc)
}

function readIso(text: string, toUtc: (ms: number) => number): number | undefined {
  if (/^\d{10}(\d{3})?$/.test(text)) return Number(text) * (text.length === 10 ? 1000 : 1)
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', offset] = match
  const ms = dateOf([year, month, day, hour, minute, second].map(Number))
  if (ms === undefined) return undefined
  const exact = ms + Math.floor(Number(`0.${fraction || 0}`) * 1000)
  if (offset === undefined) return toUtc(exact)
  if (offset === 'Z') return exact
  const sign = offset.startsWith('-') ? -1 : 1
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2))
  return exact - sign * minutes * 60_000
}

function readByFormat(format: string, toUtc: (ms: number) => number): TimeReader {
  const pattern = format.replace(
    /YYYY|MM|DD|HH|mm|ss|[^\w\s]/g,
    (part) => PARTS[part] ?? `\\${part}`,
  )
  const shape = new RegExp(`^${pattern}$`)
  return (text) => {
    const parts = shape.exec(text)?.groups
    if (!parts) return undefined
    const { year, month, day, hour, minute, second } = parts
    const numbers = [year, month, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number)
    const ms = dateOf(numbers)
    return ms === undefined ? undefined : toUtc(ms)
  }
}

/** The time of a date and a time of day, as if in UTC; `undefined` for one that does not exist, such as 31 February. */
function dateOf(numbers: number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  if (Number.isNaN(ms)) return undefined
  const date = new Date(ms)
  const isSame =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute
  return isSame ? ms : undefined
}

/** From the time that a wall clock in the zone shows to the time that it is. */
function createZone(zone: string): (ms: number) => number {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const offsetAt = (ms: number) => {
    const parts = Object.fromEntries(
      clock.formatToParts(ms).map(({ type, value }) => [type, value]),
    )
    const { year, month, day, hour, minute, second } = parts
    const shown = Date.UTC(
      ...([Number(year), Number(month) - 1, Number(day), Number(hour)] as const),
      Number(minute),
      Number(second),
    )
    return shown - Math.floor(ms / 1000) * 1000
  }
  // Twice: the first guess may be on the other side of a change of the clocks.
  return (wall) => wall - offsetAt(wall - offsetAt(wall))
}

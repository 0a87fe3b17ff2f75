const COUNT = new Intl.NumberFormat('en')
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A whole number with its thousands apart. */
export function formatCount(count: number): string {
  return COUNT.format(count)
}

/** A size by powers of 1024, for example `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length - 1)
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}

/** A span in its largest unit that fits, for example `3 min`. */
export function formatSpan(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`
  return `${Math.round(ms / DAY)} days`
}

/** The time of day in UTC with its seconds, of an ISO 8601 text. */
export function formatClock(iso: string): string {
  return iso.slice(11, 19)
}

/** Date and time in UTC, of an ISO 8601 text. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}

/** An amount in US dollars; what is less than a cent shows its first digits. */
export function formatDollars(amount: number): string {
  if (amount === 0) return '$0'
  return amount < 0.01 ? `$${amount.toPrecision(2)}` : `$${amount.toFixed(2)}`
}

/** A key of which only the beginning is shown. */
export function maskKey(key: string): string {
  return `${key.slice(0, 6)}${'•'.repeat(6)}`
}

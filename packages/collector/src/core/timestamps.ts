/** How far numbers reach as seconds, then as milliseconds; beyond it they are microseconds. Each bound is the year 5138 in its unit. */
const MAX_EPOCH_SECONDS = 1e11
const MAX_EPOCH_MILLISECONDS = 1e14

/** Dates that `Date` can hold (ECMA-262, "Time Values"). */
export const MAX_TIME_MS = 8.64e15

/**
 * Reads the time formats that clients really send: ISO 8601 with or without milliseconds and zone
 * (none means UTC), and epoch seconds, milliseconds or microseconds as a number or digits.
 *
 * @returns Milliseconds since 1970, or `undefined` when unreadable.
 */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{9,17}(\.\d+)?$/.test(text)) return fromEpoch(Number(text))
  if (!/^[+-]?\d{4,6}-\d{2}/.test(text)) return undefined
  const hasZone = /(z|[+-]\d{2}:?\d{2})$/i.test(text) || !/[t ]\d{2}:/i.test(text)
  const ms = Date.parse(hasZone ? text : `${text}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  if (value < MAX_EPOCH_SECONDS) return Math.round(value * 1000)
  const ms = value < MAX_EPOCH_MILLISECONDS ? value : value / 1000
  return ms <= MAX_TIME_MS ? Math.round(ms) : undefined
}

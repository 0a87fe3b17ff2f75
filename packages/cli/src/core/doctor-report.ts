/** What a check has found. */
export interface CheckResult {
  /** What was looked at, such as `clock`. */
  name: string
  /** `warn` does no harm now; `skip` could not be looked at. */
  status: 'ok' | 'warn' | 'fail' | 'skip'
  /** What was found and, where it is not well, what to do. */
  message: string
}

/** Beyond it, the collector takes a clock for wrong (docs/protocol.md, "Time"). */
const MAX_CLOCK_OFFSET_MS = 30_000

/** What the collector's time of arrival says about the clock here. */
export function judgeClock(sentMs: number, receivedMs: number, answeredMs: number): CheckResult {
  const ahead = sentMs - receivedMs
  const behind = receivedMs - answeredMs
  const offMs = Math.max(ahead, behind, 0)
  const seconds = (offMs / 1000).toFixed(1)
  if (offMs <= 1000) return { name: 'clock', status: 'ok', message: 'agrees with the clock here' }
  const message = `is ${seconds} s off the clock here; set the one that is wrong`
  return { name: 'clock', status: offMs > MAX_CLOCK_OFFSET_MS ? 'fail' : 'warn', message }
}

/** What the cookies of an answer are good for, seen from a page of `origin`. */
export function judgeCookies(
  cookies: readonly string[],
  endpoint: string,
  origin: string,
): CheckResult {
  const name = 'cookies'
  if (cookies.length === 0) {
    const message =
      'the source keeps no first-party id; see sources[].cookie (Safari forgets visitors after 7 days)'
    return { name, status: 'skip', message }
  }
  const collector = new URL(endpoint).hostname
  const page = new URL(origin).hostname
  const domain = /;\s*domain=([^;]+)/i.exec(cookies[0] ?? '')?.[1]?.replace(/^\./, '') ?? collector
  const covers = (host: string) => host === domain || host.endsWith(`.${domain}`)
  if (covers(collector) && covers(page)) {
    return { name, status: 'ok', message: `first-party for ${page}, by the domain ${domain}` }
  }
  const message = `the domain ${domain} does not cover both ${collector} and ${page}; serve the collector on the site's own domain and set cookie.domain`
  return { name, status: 'warn', message }
}

/** What the backlog says about journals and lake. */
export function judgeBacklog(
  shards: readonly { oldestAgeMs: number | null; setAsideRows: number }[],
): CheckResult {
  const name = 'backlog'
  const oldestMs = Math.max(0, ...shards.map(({ oldestAgeMs }) => oldestAgeMs ?? 0))
  const setAside = shards.reduce((sum, { setAsideRows }) => sum + setAsideRows, 0)
  if (setAside > 0) {
    return {
      name,
      status: 'fail',
      message: `${setAside} rows are set aside; see docs/operations.md`,
    }
  }
  const isOld = oldestMs > 5 * 60_000
  const age = `${Math.round(oldestMs / 1000)} s`
  return isOld
    ? {
        name,
        status: 'fail',
        message: `the oldest event waits for the lake since ${age}; can it be written to?`,
      }
    : {
        name,
        status: 'ok',
        message: `${shards.length} journals, nothing waits for longer than ${age}`,
      }
}

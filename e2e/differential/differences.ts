import type { Event } from '../collector.ts'

/** A difference that is meant to be, with what a reader of `docs/migration.md` is told of it. */
export interface Difference {
  field: string
  segment: string
  tributary: string
  why: string
  /** Whether this is what differs at a path of an event. What a side does not have is `undefined`. */
  explains(path: string, segment: unknown, tributary: unknown): boolean
}

const SEGMENT_ID = /^ajs-next-\d{13}-[0-9a-f-]{36}$/
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** All differences. One that is not listed fails the test, and so does one of these that no call shows. */
export const DIFFERENCES: readonly Difference[] = [
  {
    field: '`messageId`',
    segment: '`ajs-next-`, a time, and a UUID from `Math.random`',
    tributary: 'a UUIDv7',
    why: "It sorts by time of call. Ids that come one after the other share 15 of 16 random bytes in Segment's.",
    explains: (path, segment, tributary) =>
      path === 'messageId' && SEGMENT_ID.test(`${segment}`) && UUID_V7.test(`${tributary}`),
  },
  {
    field: '`writeKey`, `sentAt`',
    segment: 'in each event',
    tributary: 'once in the envelope of a batch',
    why: 'They belong to the request; a repeated request has another `sentAt`, but the same event.',
    explains: (path, _, tributary) => /^(writeKey|sentAt)$/.test(path) && tributary === undefined,
  },
  {
    field: '`_metadata`',
    segment: 'which integrations run in the page',
    tributary: 'absent',
    why: 'There are none.',
    explains: (path, _, tributary) => path.startsWith('_metadata.') && tributary === undefined,
  },
  {
    field: '`context.library`',
    segment: '`analytics.js`',
    tributary: '`@tributary/browser`',
    why: 'It names what sent the event.',
    explains: (path, segment, tributary) =>
      /^context\.library\.(name|version)$/.test(path) &&
      typeof segment === 'string' &&
      typeof tributary === 'string',
  },
  {
    field: '`context.delivery`',
    segment: 'absent',
    tributary: '`{ stream, seq }`',
    why: 'It lets the collector count what is lost ([how](protocol.md#counting-deliveries)).',
    explains: (path, segment) =>
      /^context\.delivery\.(stream|seq)$/.test(path) && segment === undefined,
  },
  {
    field: '`context.screen`, `context.session`',
    segment: 'absent',
    tributary: 'sizes of screen and window; id and number of the visit',
    why: 'Consumers need not guess where a visit begins.',
    explains: (path, segment) =>
      /^context\.(screen|session)\.\w+$/.test(path) && segment === undefined,
  },
  {
    field: '`userId`, `groupId` where there is none',
    segment: '`null`',
    tributary: 'absent',
    why: 'The specification has no `null` there; the collector takes both for the same.',
    explains: (path, segment, tributary) =>
      /^(userId|groupId)$/.test(path) && segment === null && tributary === undefined,
  },
  {
    field: '`context.campaign` where a query has no `utm_`',
    segment: '`{}`',
    tributary: 'absent',
    why: 'It says nothing.',
    explains: (path, segment, tributary) =>
      path === 'context.campaign' && isEmptyObject(segment) && tributary === undefined,
  },
  {
    field: '`userId` of an `alias` after an `identify`',
    segment: 'the id of the `identify`: the new id is lost',
    tributary: 'the new id',
    why: 'A bug of analytics-next since 2024, which joins nobody to anybody.',
    explains: (path, segment, tributary) =>
      path === 'userId' && segment === 'u1' && tributary === 'new',
  },
  {
    field: '`timestamp` in the options that is not an ISO time',
    segment: 'sent as it is: a number, a word, `null`',
    tributary: 'the same moment as an ISO time; the time of the call for what is none',
    why: 'No consumer has to guess.',
    explains: (path, segment, tributary) =>
      path === 'timestamp' && tributary === (isTime(segment) ? isoTime(segment) : 'now'),
  },
  {
    field: '`userId` in the options that is a number',
    segment: 'ignored',
    tributary: 'sent as a string',
    why: '`identify` takes numbers with both.',
    explains: (path, segment, tributary) =>
      path === 'userId' && segment === 'u1' && tributary === '7',
  },
  {
    field: '`previousId` of an `alias` from `""`',
    segment: '`""`',
    tributary: 'the user id, else the anonymous id, as without one',
    why: "An empty id is nobody's.",
    explains: (path, segment, tributary) =>
      path === 'previousId' && segment === '' && /^visitor /.test(`${tributary}`),
  },
]

function isTime(value: unknown): boolean {
  return Boolean(value) && !Number.isNaN(+new Date(value as string | number))
}

function isoTime(value: unknown): string {
  return new Date(value as string | number).toISOString()
}

/** Leaves of an event by path, so that two can be compared field by field; what differs with each run is levelled. */
function leavesOf(event: Event, ids: string[]): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  function add(path: string, value: unknown): void {
    if (typeof value !== 'object' || value === null || isEmptyObject(value)) {
      leaves.set(path, levelled(path, value, ids))
      return
    }
    for (const [key, part] of Object.entries(value)) add(path ? `${path}.${key}` : key, part)
  }
  add('', event)
  return leaves
}

function levelled(path: string, value: unknown, ids: string[]): unknown {
  if (typeof value !== 'string') return value
  if (path === 'timestamp') return Math.abs(Date.now() - Date.parse(value)) < 60_000 ? 'now' : value
  if (!/^(anonymousId|previousId)$/.test(path) || value.length !== 36) return value
  if (!ids.includes(value)) ids.push(value)
  return `visitor ${ids.indexOf(value)}`
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** A field that is not the same in what the two SDKs sent. */
export interface Finding {
  /** Position of the event in its series. */
  event: number
  text: string
  /** Why that is right, if it is. */
  difference: Difference | undefined
}

/** Compares two series of events field by field. */
export function compare(segment: readonly Event[], tributary: readonly Event[]): Finding[] {
  const [segmentIds, tributaryIds]: [string[], string[]] = [[], []]
  return segment.flatMap((event, index) => {
    const theirs = leavesOf(event, segmentIds)
    const ours = leavesOf(tributary[index] ?? {}, tributaryIds)
    return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((path) => {
      const [a, b] = [theirs.get(path), ours.get(path)]
      if (JSON.stringify(a) === JSON.stringify(b)) return []
      const difference = DIFFERENCES.find(({ explains }) => explains(path, a, b))
      const text = `${path}: ${JSON.stringify(a)} is ${JSON.stringify(b)} with us`
      return [{ event: index, text, difference }]
    })
  })
}

/** The list as Markdown. */
export function differencesTable(): string {
  const rows = DIFFERENCES.map(
    ({ field, segment, tributary, why }) => `| ${field} | ${segment} | ${tributary} | ${why} |`,
  )
  return ['| Field | analytics-next | Tributary | Why |', '|---|---|---|---|', ...rows].join('\n')
}

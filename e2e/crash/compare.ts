import { isDeepStrictEqual } from 'node:util'
import type { Event } from '../collector.ts'
import { groupBy } from './group-by.ts'
import type { Entry, Ledger } from './ledger.ts'

/** What is wrong, each with some of the events it is wrong with; all empty when nothing is. */
export interface Findings {
  /** Acknowledged and not stored. */
  lost: string[]
  /** Stored more than once. */
  duplicated: string[]
  /** Stored and never sent. */
  foreign: string[]
  /** Stored with other content than was sent. */
  altered: string[]
  /** Stored before an event of the same person that had been acknowledged before this one was sent. */
  disordered: string[]
  /** Answers that no collector may give. */
  wrongAnswers: string[]
}

/** Compares what was sent and acknowledged with what is stored. */
export function compare(
  ledger: Ledger,
  stored: readonly Event[],
  quarantine: readonly Event[],
): Findings {
  const findings: Findings = {
    lost: [],
    duplicated: [],
    foreign: [],
    altered: [],
    disordered: findDisorder(ledger.entries, stored),
    wrongAnswers: ledger.wrongAnswers,
  }
  const isStored = (entry: Entry) => entry.fate === 'stored'
  const good = ledger.entries.filter(isStored)
  compareRecords(good, stored, storedId, isAsSent, findings)
  const bad = ledger.entries.filter((entry) => !isStored(entry))
  compareRecords(bad, quarantine, quarantinedToken, isKeptAsSent, findings)
  return findings
}

/** An event is known by source and id, a refused one by its token: two may have one id. */
type NameOf = (record: Event) => string

const storedId: NameOf = ({ source, messageId }) => `${source} ${messageId}`
const quarantinedToken: NameOf = ({ source, payload }) => `${source} ${payload?.properties?.token}`

function compareRecords(
  entries: readonly Entry[],
  records: readonly Event[],
  nameOf: NameOf,
  isSame: (entry: Entry, record: Event) => boolean,
  findings: Findings,
): void {
  const expected = new Map(
    entries.map((entry) => [
      nameOf({ ...entry.event, source: entry.source, payload: entry.event }),
      entry,
    ]),
  )
  const seen = new Set<string>()
  for (const record of records) {
    const name = nameOf(record)
    const entry = expected.get(name)
    if (seen.has(name)) findings.duplicated.push(name)
    else if (entry?.sentAt === undefined) findings.foreign.push(name)
    else if (!isSame(entry, record)) findings.altered.push(name)
    seen.add(name)
  }
  for (const [name, { acknowledgedAt }] of expected) {
    if (acknowledgedAt !== undefined && !seen.has(name)) findings.lost.push(name)
  }
}

function isAsSent({ event }: Entry, record: Event): boolean {
  const { timestamp, ...rest } = event
  return (
    record.originalTimestamp === timestamp &&
    Object.entries(rest).every(([field, value]) => isDeepStrictEqual(record[field], value))
  )
}

function isKeptAsSent({ event, fate }: Entry, { code, payload }: Event): boolean {
  return code === fate && isDeepStrictEqual(payload, event)
}

/**
 * Events of one person that stand in the wrong order. Only within one date of arrival: the lake is filed by it, and a
 * clock that is put back files what comes later under a date before.
 */
function findDisorder(entries: readonly Entry[], stored: readonly Event[]): string[] {
  const entryOf = new Map(entries.map((entry) => [entry.token, entry]))
  const byPersonAndDate = groupBy(stored, ({ source, anonymousId, userId, receivedAt }) =>
    [source, anonymousId ?? userId, receivedAt.slice(0, 10)].join(' '),
  )
  return [...byPersonAndDate.values()].flatMap((events) => {
    const wrong: string[] = []
    let acknowledgedFirst = Number.POSITIVE_INFINITY
    for (const { properties } of events.toReversed()) {
      const { sentAt = 0, acknowledgedAt = Number.POSITIVE_INFINITY } =
        entryOf.get(properties.token) ?? {}
      if (acknowledgedFirst < sentAt) wrong.push(properties.token)
      acknowledgedFirst = Math.min(acknowledgedFirst, acknowledgedAt)
    }
    return wrong
  })
}

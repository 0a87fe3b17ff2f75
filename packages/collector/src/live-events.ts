import { allJournals } from './adapters/journal-stubs.ts'
import { type Listed, selectLines } from './core/newest.ts'
import { newestFirst, type Position, type RecordFilter, writeCursor } from './core/record.ts'
import type { CollectorEnv } from './env.ts'
import {
  LIVE_HEARTBEAT_MS,
  LIVE_POLL_MS,
  MAX_CATCH_UP_EVENTS,
  MAX_LIVE_CALLS,
  MAX_PAGE_SIZE,
} from './limits.ts'
import { listRecords } from './list-records.ts'

/** Where in each journal, by shard, to go on reading. */
type Tails = (number | undefined)[]

/** Events that are already told, and where the journals' go on. */
export interface LiveStart {
  events: Listed[]
  tails: Tails
}

/**
 * Begins to follow: from now on, or after a position.
 *
 * @returns `undefined` when more was missed than a live stream catches up on.
 */
export async function startLive(
  env: CollectorEnv,
  shards: number,
  filter: RecordFilter,
  since: Position | undefined,
): Promise<LiveStart | undefined> {
  const tails = await Promise.all(
    allJournals(env, shards).map(async (journal) => (await journal.readTail(undefined)).through),
  )
  // In this order what arrives in between is in both, and known by its position; in the other it would be in neither.
  const events = since ? await eventsSince(env, shards, { ...filter, since }) : []
  return events && { events, tails }
}

/** Matching events, oldest first; `undefined` when they are too many. */
async function eventsSince(
  env: CollectorEnv,
  shards: number,
  filter: RecordFilter,
): Promise<Listed[] | undefined> {
  const events: Listed[] = []
  let after: Position | undefined
  do {
    const page = await listRecords(
      env,
      shards,
      'events',
      { ...filter, ...(after && { after }) },
      MAX_PAGE_SIZE,
    )
    events.push(...selectLines(page.lines, {}))
    if (events.length > MAX_CATCH_UP_EVENTS) return undefined
    after = page.next
  } while (after)
  return events.reverse()
}

/**
 * Server-sent events, for as long as somebody reads: each event once, none left out. It ends by itself when a journal
 * cannot give all that came after the last question, or when the platform allows no more questions; the client then
 * connects again with the last id that it saw.
 *
 * @param gone Aborted when nobody reads any more; the journals are then asked no more.
 */
export async function* followEvents(
  env: CollectorEnv,
  shards: number,
  filter: RecordFilter,
  { events, tails }: LiveStart,
  sleep: (ms: number) => Promise<void>,
  gone: AbortSignal,
): AsyncGenerator<string> {
  yield 'retry: 1000\n\n'
  for (const event of events) yield message(event)
  let told = new Set(events.map(({ position }) => writeCursor(position)))
  let next = tails
  let silentMs = 0
  for (let calls = 0; calls + shards <= MAX_LIVE_CALLS; calls += shards) {
    const poll = await pollJournals(env, shards, filter, next)
    if (!poll) return
    next = poll.tails
    const text = poll.events
      .filter(({ position }) => told.size === 0 || !told.has(writeCursor(position)))
      .map(message)
      .join('')
    // The first question covers all the time of catching up.
    told = new Set()
    if (text !== '') yield text
    silentMs = text === '' ? silentMs + LIVE_POLL_MS : 0
    if (silentMs >= LIVE_HEARTBEAT_MS) {
      silentMs = 0
      yield ': still here\n\n'
    }
    await sleep(LIVE_POLL_MS)
    if (gone.aborted) return
  }
}

/** What all journals have that is new and matches, oldest first; `undefined` when one cannot tell. */
async function pollJournals(
  env: CollectorEnv,
  shards: number,
  filter: RecordFilter,
  tails: Tails,
): Promise<LiveStart | undefined> {
  try {
    const answers = await Promise.all(
      allJournals(env, shards).map((journal, shard) => journal.readTail(tails[shard])),
    )
    if (!answers.every(({ isWhole }) => isWhole)) return undefined
    const events = answers.flatMap(({ lines }) => selectLines(lines, filter))
    return {
      events: events.sort((a, b) => newestFirst(b.position, a.position)),
      tails: answers.map(({ through }) => through),
    }
  } catch {
    return undefined
  }
}

function message({ line, position }: Listed): string {
  return `id: ${writeCursor(position)}\ndata: ${line}\n\n`
}

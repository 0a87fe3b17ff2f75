import { setTimeout as sleep } from 'node:timers/promises'
import { ADMIN_TOKEN, type Event } from '../collector.ts'
import { type Fault, type SeenRequest, startFaultyProxy } from './faulty-proxy.ts'
import { sendRaw } from './raw-request.ts'

/** A client as the tests drive it. */
export interface Client {
  /** Name and version, as the matrix shows them. */
  name: string
  testedBy: 'package' | 'request shape'
  /** What somebody changes in it to send to Tributary; Markdown. */
  change: string
  /** What one of its requests carries. */
  unit: 'batch' | 'event'
  /** Types of the events that one delivery makes. */
  types: readonly string[]
  /** Requests in which it sends them when nothing is in the way. */
  requests: number
  /** Faults after which it does not send again. */
  neverRetries?: readonly Fault[]
  /**
   * Makes the events, all of one user, and lets the client send them.
   *
   * @returns Ends the client; until then it may go on trying.
   */
  deliver(url: string, userId: string): Promise<() => Promise<void>>
  /** Looks into the events that were stored in the end. */
  check?(events: Event[]): void
}

/** What came of one delivery. */
export interface Delivery {
  events: Event[]
  seen: SeenRequest[]
}

/** Quiet for so long, a client that has delivered all has shown that it does not repeat itself. */
const QUIET_MS = 1200
/** Quiet for so long, a client that never retries has shown that as well; all pauses are shorter here. */
const GIVEN_UP_MS = 4000
/** A client that does retry gets as long as a busy machine may need. */
const PATIENCE_MS = 30_000

/** Lets a client deliver its events, as a user of their own, through a proxy with a fault. */
export async function deliverThrough(
  fault: Fault,
  client: Client,
  collectorUrl: string,
): Promise<Delivery> {
  const proxy = await startFaultyProxy(collectorUrl, fault)
  const userId = `${client.name} ${fault}`
  const end = await client.deliver(proxy.url, userId)
  proxy.allMade()
  try {
    await untilQuiet(
      proxy.seen,
      client.neverRetries?.includes(fault) ? GIVEN_UP_MS : PATIENCE_MS,
      async () =>
        countOf(proxy.seen, 'passed') >= client.requests &&
        (await eventsOf(collectorUrl, userId)).length >= client.types.length,
    )
  } finally {
    await end()
    proxy.close()
  }
  return { events: await eventsOf(collectorUrl, userId), seen: proxy.seen }
}

/** A user's stored events. Asked for on a connection of its own: one that waits for its next use may be closed just then. */
async function eventsOf(url: string, userId: string): Promise<Event[]> {
  const { text } = await sendRaw(url, {
    method: 'GET',
    path: `/api/events?${new URLSearchParams({ userId, limit: '1000' })}`,
    headers: [
      ['Host', ''],
      ['Authorization', `Bearer ${ADMIN_TOKEN}`],
    ],
  })
  return (JSON.parse(text) as { events: Event[] }).events
}

async function untilQuiet(
  seen: readonly SeenRequest[],
  patienceMs: number,
  isDone: () => Promise<boolean>,
): Promise<void> {
  let length = -1
  let quietSince = Date.now()
  for (;;) {
    if (seen.length !== length) {
      length = seen.length
      quietSince = Date.now()
    }
    const quietMs = Date.now() - quietSince
    if (quietMs >= patienceMs || (quietMs >= QUIET_MS && (await isDone()))) return
    await sleep(100)
  }
}

/** Every fault. */
export const FAULTS: readonly Fault[] = ['slow', 'unavailable', 'rate-limited', 'answer-lost']

/** What the four deliveries of a client have shown. */
export type Deliveries = Readonly<Record<Fault, Delivery>>

/** A row of the matrix. */
export function matrixRow(client: Client, deliveries: Deliveries): string {
  const { slow, unavailable, 'rate-limited': rateLimited, 'answer-lost': lost } = deliveries
  const outcome = ({ events }: Delivery) =>
    events.length === client.types.length
      ? 'all, once'
      : `**${client.types.length - events.length} of ${client.types.length} lost**`
  // A client that waits as it was told is refused once for each of its requests; another comes too early.
  const isPatient = countOf(rateLimited.seen, 'refused') <= client.requests
  const limited = outcome(rateLimited)
  const manner = isPatient ? 'waits' : 'comes too early'
  const isResent = countOf(lost.seen, 'passed') >= client.requests
  return `| ${[
    client.name,
    client.testedBy,
    client.change,
    `${countOf(slow.seen, 'passed') / client.requests} per ${client.unit}`,
    outcome(unavailable),
    client.neverRetries?.includes('rate-limited') ? limited : `${limited}; ${manner}`,
    `${outcome(lost)}; ${isResent ? 'sent again' : 'not sent again'}`,
  ].join(' | ')} |`
}

function countOf(seen: readonly SeenRequest[], answered: SeenRequest['answered']): number {
  return seen.filter((request) => request.answered === answered).length
}

const HEAD = [
  '| Client | Tested by | What to change | Requests | 503 for a while | 429 with `Retry-After` | Answer lost |',
  '|---|---|---|---|---|---|---|',
]

/** The matrix as it stands in docs/protocol.md. */
export function matrixTable(rows: readonly string[]): string {
  return [...HEAD, ...rows].join('\n')
}

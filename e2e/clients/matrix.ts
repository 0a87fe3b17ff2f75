import { setTimeout as sleep } from 'node:timers/promises'
import { type Event, exportEvents } from '../collector.ts'
import { type Fault, type SeenRequest, startFaultyProxy } from './faulty-proxy.ts'

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
  /** It sends everything once and forgets it, whatever the answer. */
  neverRetries?: true
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
/** Quiet for so long, a client that has not delivered all has given up: its pauses are much shorter in these tests. */
const GIVEN_UP_MS = 5000

/** Lets a client deliver its events, as a user of their own, through a proxy with a fault. */
export async function deliverThrough(
  fault: Fault,
  client: Client,
  collectorUrl: string,
): Promise<Delivery> {
  const proxy = await startFaultyProxy(collectorUrl, fault)
  const userId = `${client.name} ${fault}`
  const storedEvents = async () =>
    (await exportEvents(collectorUrl)).filter((event) => event.userId === userId)
  const end = await client.deliver(proxy.url, userId)
  proxy.allMade()
  const isDone = async () =>
    // Whose answer was lost has its events stored already, and may be about to send them again.
    (fault !== 'answer-lost' || passedOf(proxy.seen) >= client.requests) &&
    (await storedEvents()).length >= client.types.length
  try {
    await untilQuiet(proxy.seen, isDone)
  } finally {
    await end()
    proxy.close()
  }
  return { events: await storedEvents(), seen: proxy.seen }
}

function passedOf(seen: readonly SeenRequest[]): number {
  return seen.filter(({ answered }) => answered === 'passed').length
}

async function untilQuiet(
  seen: readonly SeenRequest[],
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
    if (quietMs >= GIVEN_UP_MS) return
    if (quietMs >= QUIET_MS && (await isDone())) return
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
  const isPatient = count(rateLimited, 'refused') <= client.requests
  const limited = outcome(rateLimited)
  const manner = isPatient ? 'waits' : 'comes too early'
  const isResent = count(lost, 'passed') >= client.requests
  return `| ${[
    client.name,
    client.testedBy,
    client.change,
    `${count(slow, 'passed') / client.requests} per ${client.unit}`,
    outcome(unavailable),
    client.neverRetries ? limited : `${limited}; ${manner}`,
    `${outcome(lost)}; ${isResent ? 'sent again' : 'not sent again'}`,
  ].join(' | ')} |`
}

function count({ seen }: Delivery, answered: SeenRequest['answered']): number {
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

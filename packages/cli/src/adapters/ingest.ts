import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AnswerClass,
  backoffMs,
  classifyAnswer,
  type HttpAnswer,
  splitBatch,
  type Verdict,
} from '@tributary/protocol'
import { CliError, usageError } from '../cli-error.ts'
import type { Connection } from '../connection.ts'

/** An event that is ready to be sent. */
export interface OutgoingEvent {
  messageId: string
  /** Its JSON. */
  text: string
}

/** Room for the envelope in the collector's 1 MiB; more events in a request make each answer later, not faster. */
const LIMITS = { maxEvents: 1000, maxBytes: 900 * 1024 }

const REQUEST_TIMEOUT_MS = 60_000

/**
 * Sends events, in their order, until the collector has a verdict on each.
 *
 * @param patienceMs How long to go on without a single verdict.
 * @throws CliError when the collector refuses whole requests, or the patience is at an end.
 */
export async function ingest(
  connection: Connection,
  events: readonly OutgoingEvent[],
  patienceMs: number,
): Promise<Map<string, Verdict>> {
  if (!connection.writeKey) {
    const message =
      'This needs a write key: set TRIBUTARY_WRITE_KEY, or writeKey in tributary.json.'
    throw usageError('missing_write_key', message)
  }
  const verdicts = new Map<string, Verdict>()
  for (const batch of splitBatch(events, ({ text }) => Buffer.byteLength(text), LIMITS)) {
    await sendBatch(connection, batch, patienceMs, verdicts)
  }
  return verdicts
}

async function sendBatch(
  connection: Connection,
  batch: readonly OutgoingEvent[],
  patienceMs: number,
  verdicts: Map<string, Verdict>,
): Promise<void> {
  let waiting = batch
  let failures = 0
  let progressAt = Date.now()
  for (;;) {
    const answer = await post(connection, waiting)
    const result = classifyAnswer(answer, Date.now())
    if (result.kind === 'drop') throw refused(result.reason, answer)
    if (result.kind === 'split') return splitOrGiveUp(connection, waiting, patienceMs, verdicts)
    const before = waiting.length
    if (result.kind === 'delivered') waiting = take(waiting, result.verdicts, verdicts)
    if (waiting.length === 0) return
    if (waiting.length < before) {
      failures = 0
      progressAt = Date.now()
    }
    if (Date.now() - progressAt > patienceMs) throw atAnEnd(connection.endpoint, answer)
    failures++
    await sleep(waitOf(result) ?? backoffMs(Math.min(failures, 5), Math.random()))
  }
}

function waitOf(result: AnswerClass): number | undefined {
  return result.kind === 'retry' ? result.afterMs : undefined
}

async function splitOrGiveUp(
  connection: Connection,
  events: readonly OutgoingEvent[],
  patienceMs: number,
  verdicts: Map<string, Verdict>,
): Promise<void> {
  const [first] = events as [OutgoingEvent]
  if (events.length === 1) {
    verdicts.set(first.messageId, tooLarge())
    return
  }
  const half = Math.ceil(events.length / 2)
  await sendBatch(connection, events.slice(0, half), patienceMs, verdicts)
  await sendBatch(connection, events.slice(half), patienceMs, verdicts)
}

/** Notes the verdicts; gives the events that have none. */
function take(
  events: readonly OutgoingEvent[],
  answered: Map<string, Verdict>,
  verdicts: Map<string, Verdict>,
): OutgoingEvent[] {
  return events.filter(({ messageId }) => {
    const verdict = answered.get(messageId)
    if (!verdict || verdict.status === 'retry') return true
    verdicts.set(messageId, verdict)
    return false
  })
}

async function post(
  { endpoint, writeKey }: Connection,
  events: readonly OutgoingEvent[],
): Promise<HttpAnswer> {
  // Without `sentAt`: each event then keeps its own time, however old (docs/protocol.md, "Import").
  const body = `{"writeKey":${JSON.stringify(writeKey)},"verdicts":true,"batch":[${events.map(({ text }) => text).join(',')}]}`
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const response = await fetch(`${endpoint}/v1/batch`, { method: 'POST', body, signal })
    const text = await response.text()
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: parse(text),
    }
  } catch {
    return { status: 0 }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tooLarge(): Verdict {
  return { status: 'rejected', code: 'body_too_large', message: 'The event is too large.' }
}

function refused(code: string, { body }: HttpAnswer): CliError {
  const { message } = (body ?? {}) as { message?: string }
  return new CliError(code, message ?? 'The collector refuses these requests.')
}

function atAnEnd(endpoint: string, { status, body }: HttpAnswer): CliError {
  const { message } = (body ?? {}) as { message?: string }
  const said =
    status === 0 ? 'does not answer' : `answers ${status}${message ? `: ${message}` : ''}`
  return new CliError(
    status === 0 ? 'unreachable' : 'unavailable',
    `${endpoint} ${said}. What was acknowledged is stored; run the same command again when it is back.`,
  )
}

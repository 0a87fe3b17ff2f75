import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StatsAnswer } from '@tributary/protocol'
import { callApi, readApi } from './adapters/collector-api.ts'
import { CliError } from './cli-error.ts'
import type { Connection } from './connection.ts'
import { type CheckResult, judgeBacklog, judgeClock, judgeCookies } from './core/doctor-report.ts'

/** What the checks run on. */
export interface Patient {
  connection: Connection
  /** Origin of the site whose pages send. */
  origin: string
}

/** Of every event that a doctor sends, so that they are one person. */
const ANONYMOUS_ID = 'tributary-doctor'

/** How long profiles may take behind the lake. */
const PROFILE_MS = 10_000

type Found = Omit<CheckResult, 'name'>

function ok(message: string): Found {
  return { status: 'ok', message }
}

function fail(message: string): Found {
  return { status: 'fail', message }
}

/** A check whose request fails has failed, with the reason. */
async function check(name: string, look: () => Promise<Found>): Promise<CheckResult> {
  try {
    return { name, ...(await look()) }
  } catch (error) {
    return { name, ...fail((error as Error).message) }
  }
}

/** Whether it is there, and a collector; everything else needs that. */
export function checkReach({ connection: { endpoint } }: Patient): Promise<CheckResult> {
  return check('reachable', async () => {
    const startedAt = performance.now()
    const answer = await ask(`${endpoint}/healthz`)
    const body = (await answer.json().catch(() => undefined)) as { status?: string } | undefined
    if (body?.status !== 'ok') {
      return fail(
        `${endpoint}/healthz answers ${answer.status}, and not as a collector does; is the address right?`,
      )
    }
    const isSafe = endpoint.startsWith('https:') || /\/\/(127\.|localhost|\[::1\])/.test(endpoint)
    const took = `answers in ${Math.round(performance.now() - startedAt)} ms`
    return isSafe
      ? ok(took)
      : {
          status: 'warn',
          message: `${took}, but without https: pages of https sites cannot send to it`,
        }
  })
}

/** What the Worker is bound to. */
export function checkBindings({ connection: { endpoint } }: Patient): Promise<CheckResult> {
  return check('bindings', async () => {
    const answer = await ask(`${endpoint}/healthz/ready`)
    const { checks } = (await answer.json()) as { checks?: Record<string, boolean> }
    const down = Object.entries(checks ?? {}).filter(([, isUp]) => !isUp)
    if (down.length === 0) return ok('journal and lake answer')
    return fail(
      `${down.map(([name]) => name).join(' and ')} does not answer; look at the bindings in wrangler.jsonc`,
    )
  })
}

/** The browser's script. */
export function checkScript({ connection: { endpoint } }: Patient): Promise<CheckResult> {
  return check('script', async () => {
    const answer = await ask(`${endpoint}/tributary.js`)
    const text = await answer.text()
    return answer.ok && text.includes('tributary')
      ? ok(`/tributary.js, ${text.length} bytes`)
      : { status: 'warn', message: '/tributary.js is not served; pages must get it from elsewhere' }
  })
}

/** Whether pages of the origin may send, and are let read the answer. */
export function checkCors({ connection, origin }: Patient): Promise<CheckResult> {
  return check('cors', async () => {
    const answer = await post(connection, [], { origin })
    const { code } = (await answer.json()) as { code?: string }
    if (code === 'origin_not_allowed')
      return fail(`pages of ${origin} may not send; add it to the source's origins`)
    if (code === 'server_key_in_page')
      return { status: 'skip', message: 'this is a server key; pages cannot use it' }
    if (answer.headers.get('access-control-allow-origin') !== origin) {
      return fail(
        `pages of ${origin} cannot read the answer; does something in between change the headers?`,
      )
    }
    return answer.ok ? ok(`pages of ${origin} may send`) : fail(`the key is refused: ${code}`)
  })
}

/** Whether the first-party id would last. */
export async function checkCookies({ connection, origin }: Patient): Promise<CheckResult> {
  const wish = { firstParty: { id: ANONYMOUS_ID } }
  const answer = await post(connection, [], { origin }, wish).catch(() => undefined)
  return judgeCookies(answer?.headers.getSetCookie() ?? [], connection.endpoint, origin)
}

/** The admin token, and with it the backlog. */
export async function checkAdmin({ connection }: Patient): Promise<CheckResult[]> {
  try {
    const { shards } = await readApi<StatsAnswer>(connection, '/api/stats')
    return [{ name: 'admin token', ...ok('is taken') }, judgeBacklog(shards)]
  } catch (error) {
    return [{ name: 'admin token', ...fail((error as Error).message) }]
  }
}

/** A test event all the way: acknowledged, known when it is repeated, listed, in the lake, in a profile. */
export async function checkEvent({ connection }: Patient): Promise<CheckResult[]> {
  const messageId = `doctor_${randomUUID()}`
  const sentMs = Date.now()
  const timestamp = new Date(sentMs).toISOString()
  const event = {
    messageId,
    type: 'track',
    event: 'Doctor Checked',
    anonymousId: ANONYMOUS_ID,
    timestamp,
  }
  const first = await sendEvent(connection, event)
  const answeredMs = Date.now()
  if (first !== 'accepted') {
    return [{ name: 'test event', ...fail(`was not taken: ${first}; is the write key right?`) }]
  }
  const again = await sendEvent(connection, event)
  const results: CheckResult[] = [
    { name: 'test event', ...ok('acknowledged') },
    {
      name: 'repeat',
      ...(again === 'duplicate' ? ok('is known as one') : fail(`was answered ${again}`)),
    },
  ]
  if (!connection.adminToken) {
    const message = 'the way to the lake cannot be followed without the admin token'
    return [...results, { name: 'lake', status: 'skip', message }]
  }
  const listed = await check('stored', () => findListed(connection, messageId))
  results.push(listed)
  if (listed.status === 'ok')
    results.push(judgeClock(sentMs, Date.parse(listed.message), answeredMs))
  if (listed.status === 'ok') listed.message = `listed, received at ${listed.message}`
  results.push(await check('lake', () => findInLake(connection, messageId, sentMs)))
  results.push(await check('profile', () => findProfile(connection)))
  return results
}

/** Its message is the time of arrival, by the collector's clock. */
async function findListed(connection: Connection, messageId: string): Promise<Found> {
  const { events } = await readApi<{ events: { receivedAt: string }[] }>(
    connection,
    '/api/events',
    {
      query: { messageId },
    },
  )
  const [event] = events
  return event ? ok(event.receivedAt) : fail('acknowledged, and not in /api/events')
}

async function findInLake(
  connection: Connection,
  messageId: string,
  sentMs: number,
): Promise<Found> {
  const startedAt = performance.now()
  await callApi(connection, '/api/drain', { method: 'POST' })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  // An export comes from the lake alone. An hour each way is room for a clock that is wrong.
  const [from, to] = [-3_600_000, 3_600_000].map((ms) => new Date(sentMs + ms).toISOString())
  const answer = await callApi(connection, '/api/events/export', { query: { from, to } })
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    const text = rest + decoder.decode(chunk, { stream: true })
    if (text.includes(messageId)) return ok(`has it, ${seconds} s after it was asked to drain`)
    rest = text.slice(-messageId.length)
  }
  return fail('does not have the test event after a drain')
}

async function findProfile(connection: Connection): Promise<Found> {
  const deadline = Date.now() + PROFILE_MS
  for (;;) {
    try {
      await callApi(connection, `/api/profiles/anonymousId:${ANONYMOUS_ID}`)
      return ok('the test event has one')
    } catch (error) {
      if (!(error instanceof CliError)) throw error
      // A collector without profiles has no such path at all.
      if (error.code === 'not_found')
        return { status: 'skip', message: 'this collector keeps no profiles' }
      if (!error.code.includes('profile') || Date.now() > deadline) throw error
    }
    await sleep(500)
  }
}

async function sendEvent(connection: Connection, event: { messageId: string }): Promise<string> {
  const answer = await post(connection, [event], {})
  const body = (await answer.json().catch(() => ({}))) as {
    code?: string
    results?: Record<string, { status: string; code?: string }>
  }
  const verdict = body.results?.[event.messageId]
  return verdict ? (verdict.code ?? verdict.status) : (body.code ?? `status ${answer.status}`)
}

function post(
  { endpoint, writeKey }: Connection,
  batch: object[],
  headers: Record<string, string>,
  more: object = {},
): Promise<Response> {
  const body = JSON.stringify({ writeKey, verdicts: true, batch, ...more })
  return ask(`${endpoint}/v1/batch`, { method: 'POST', headers, body })
}

const TIMEOUT_MS = 15_000

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } }
    throw new CliError(
      'unreachable',
      `${new URL(url).origin} does not answer (${cause?.code ?? message})`,
    )
  }
}

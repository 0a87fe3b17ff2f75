import { type Refusal, refuse } from '@tributary/protocol'
import { countRequest } from '../adapters/rate-limit.ts'
import { type ErrorStatus, errorAnswer } from '../answers.ts'
import { allowsOrigin, type ResolvedConfig } from '../config.ts'
import { type Sender, senderOf } from '../core/sender.ts'
import { type KeyCandidate, keysInBody, keysInRequest } from '../core/write-key.ts'
import type { CollectorEnv } from '../env.ts'
import { refusalStatus } from './refusals.ts'

/** A sender who may send, or the refusal with its status and headers. */
export type Admission = { ok: true; value: Sender } | Denial

/** Why a request is not taken. */
export interface Denial {
  ok: false
  error: Refusal<string>
  status: ErrorStatus
  headers?: Record<string, string>
}

/** A request, and the environment it came into. */
export interface Arriving {
  request: Request
  env: CollectorEnv
  config: ResolvedConfig
}

/**
 * Decides by the keys in the request itself, so that what is refused costs no reading of a body.
 *
 * @returns `undefined` where none of them is known: the body may hold one that is.
 */
export async function admitByRequest(arriving: Arriving): Promise<Admission | undefined> {
  const known = requestKeys(arriving.request).find(({ key }) => arriving.config.keys.has(key))
  return known && admit(arriving, known)
}

/**
 * Decides by the key in a body, where {@link admitByRequest} knew none.
 *
 * @param fault What is wrong with the body: where a key would stand in what cannot be read, that is the fault to tell.
 */
export async function admitByBody(
  arriving: Arriving,
  json: unknown,
  fault?: Refusal<string>,
): Promise<Admission> {
  const inRequest = requestKeys(arriving.request)
  const candidates = [...inRequest, ...keysInBody(json)]
  const known = candidates.find(({ key }) => arriving.config.keys.has(key))
  if (known) return admit(arriving, known)
  if (candidates.length === 0) {
    if (fault) return deny(refusalStatus(fault.code), fault.code, fault.message)
    const message =
      'Send a write key: by Basic or Bearer, in X-Write-Key, in ?writeKey= or in the body.'
    return deny(401, 'missing_write_key', message)
  }
  return deny(finalStatus(401, inRequest.length > 0), 'unknown_write_key', UNKNOWN_KEY)
}

/** The answer to a request that is not taken. */
export function answerDenial({ error, status, headers }: Denial): Response {
  return errorAnswer(status, error.code, error.message, headers)
}

const UNKNOWN_KEY = 'No source has this write key.'

const NO_QUERY = new URLSearchParams()

function requestKeys({ url, headers }: Request): KeyCandidate[] {
  const query = url.includes('?') ? new URL(url).searchParams : NO_QUERY
  return keysInRequest((name) => headers.get(name), query)
}

/** Segment's Swift SDK retries 401 and 403 for ever, and gives up on 400; it sends its key in the body alone. */
function finalStatus(status: 401 | 403, isKeyInRequest: boolean): ErrorStatus {
  return isKeyInRequest ? status : 400
}

async function admit(arriving: Arriving, { key, inRequest }: KeyCandidate): Promise<Admission> {
  const holder = arriving.config.keys.get(key)
  if (!holder) return deny(finalStatus(401, inRequest), 'unknown_write_key', UNKNOWN_KEY)
  const sender = senderOf(holder.source, holder.isServerKey)
  const origin = arriving.request.headers.get('origin')
  return (
    denySource(sender, inRequest) ??
    denyPage(sender, origin) ??
    (await denyRate(arriving.env, sender, key)) ?? { ok: true, value: sender }
  )
}

function denySource({ source }: Sender, inRequest: boolean): Denial | undefined {
  if (source.enabled !== false) return undefined
  return deny(finalStatus(403, inRequest), 'source_disabled', 'The source takes no events now.')
}

/** A page is told by its `Origin`: every browser sends it with a POST (Fetch standard, 3.2), and no server library does. */
function denyPage({ source, isServerKey }: Sender, origin: string | null): Denial | undefined {
  if (origin === null) return undefined
  if (isServerKey) {
    const message = 'This key is for servers, and whoever sees the page can read it: replace it.'
    return deny(403, 'server_key_in_page', message)
  }
  if (allowsOrigin(source, origin)) return undefined
  return deny(403, 'origin_not_allowed', `The source takes no events from ${origin}.`)
}

async function denyRate(
  env: CollectorEnv,
  { source }: Sender,
  key: string,
): Promise<Denial | undefined> {
  const { rateLimit } = source
  if (!rateLimit) return undefined
  const outcome = await countRequest(env, rateLimit, `${source.id}:${key}`)
  if (outcome === 'within') return undefined
  if (outcome === 'exceeded') {
    const message = `The key has sent too much. Come back after ${rateLimit.periodSeconds} seconds.`
    const headers = { 'retry-after': String(rateLimit.periodSeconds) }
    return { ...deny(429, 'rate_limited', message), headers }
  }
  // biome-ignore lint/suspicious/noConsole: a collector that is deployed wrong must say so in the operator's log
  console.error(
    `The source "${source.id}" names the rate limit binding "${rateLimit.binding}", which is not bound.`,
  )
  return deny(503, 'rate_limit_unbound', 'The collector is not fully set up. Send it again later.')
}

function deny(status: ErrorStatus, code: string, message: string): Denial {
  return { ...refuse(code, message), status }
}

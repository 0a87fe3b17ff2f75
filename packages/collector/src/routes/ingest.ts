import {
  accept,
  type BatchEnvelope,
  isJsonObject,
  MAX_BODY_BYTES,
  parseBatch,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import { readBody } from '../adapters/body.ts'
import { deviceFacts } from '../adapters/device.ts'
import { type ErrorStatus, errorAnswer } from '../answers.ts'
import { allowsOrigin, type ResolvedConfig } from '../config.ts'
import type { IngestKind } from '../core/ingest-kinds.ts'
import { judgeEvents } from '../core/judge.ts'
import type { SourceConfig } from '../core/source-config.ts'
import { keysInBody, keysInRequest } from '../core/write-key.ts'
import type { CollectorEnv } from '../env.ts'
import { type EventVerdict, type RequestFacts, recordEvents } from '../intake.ts'
import { MAX_KEPT_BODY_BYTES } from '../limits.ts'
import { answerBatch, answerOne, unavailable } from './ingest-answer.ts'

/** Refusals of a whole body for its size: the client can mend them by sending less at once. */
const SIZE_REFUSALS: readonly string[] = ['body_too_large', 'too_many_events']

/** Takes one event or a batch. Everything that is acknowledged is durable before the answer leaves. */
export async function ingest(
  { env, req }: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
  kind: IngestKind,
): Promise<Response> {
  const receivedAtMs = Date.now()
  const body = await readBody(req.raw, MAX_BODY_BYTES, MAX_KEPT_BODY_BYTES)
  const text = new TextDecoder().decode(body.ok ? body.bytes : body.head)
  const json = body.ok ? readJson(text) : undefined
  const envelope = body.ok ? openEnvelope(json, kind) : body

  const source = findSource(req.raw, json, config)
  if (!source.ok) {
    // Where the key would stand in a body that cannot be read, that is the fault to tell.
    const isUnread = source.error.code === 'missing_write_key' && !envelope.ok
    return isUnread ? answerRefusal(envelope.error) : answerRefusal(source.error, source.status)
  }
  const facts = requestFacts(req.raw, source.value, receivedAtMs)
  if (!envelope.ok) {
    return refuseBody(env, config, facts, envelope.error, json === undefined ? text : json)
  }

  const { sentAt, verdicts: wantsVerdicts = false, previousStreams } = envelope.value
  if (sentAt !== undefined) facts.sentAt = sentAt
  if (previousStreams) facts.endedStreams = previousStreams
  const impliedType = kind === 'batch' ? undefined : kind
  const judged = judgeEvents(envelope.value, impliedType, body.ok ? body.bytes.length : 0)
  const verdicts = await recordEvents(env, config, facts, judged)
  return kind === 'batch'
    ? answerBatch(verdicts, wantsVerdicts)
    : answerOne(verdicts[0] as EventVerdict, wantsVerdicts)
}

/** JSON text as a value; `undefined` when it is not JSON (which no JSON text can be). */
function readJson(text: string): unknown {
  try {
    return MAY_HOLD_LONG_NUMBER.test(text) ? JSON.parse(text, keepLongIds) : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A reviver makes parsing several times slower, so it is used only where a value may be such a number. */
const MAY_HOLD_LONG_NUMBER = /:\s*-?(\d{16}|[\d.]+[eE])/

const ID_FIELDS = ['messageId', 'userId', 'anonymousId', 'groupId', 'previousId']

/** Ids that are numbers beyond 2^53 (Snowflake's are) as their own digits: rounded, two people would become one. */
function keepLongIds(key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value)
  return isRounded && source !== undefined && ID_FIELDS.includes(key) ? source : value
}

/** Keeps what was sent as one record, and says why it was refused. */
async function refuseBody(
  env: CollectorEnv,
  config: ResolvedConfig,
  facts: RequestFacts,
  refusal: Refusal<string>,
  raw: unknown,
): Promise<Response> {
  const [verdict] = await recordEvents(env, config, facts, [{ raw, refusal }])
  return verdict?.status === 'retry' ? unavailable() : answerRefusal(refusal)
}

/** The answer to a request that is refused as a whole. */
function answerRefusal({ code, message }: Refusal<string>, status?: ErrorStatus): Response {
  return errorAnswer(status ?? (SIZE_REFUSALS.includes(code) ? 413 : 400), code, message)
}

/** A batch as it is, a single event as a batch of one. */
function openEnvelope(
  json: unknown,
  kind: IngestKind,
): Result<BatchEnvelope<unknown>, Refusal<string>> {
  if (json === undefined) return refuse('invalid_json', 'The body is not JSON.')
  if (kind === 'batch') return parseBatch(json)
  if (!isJsonObject(json)) return accept({ batch: [json] })
  // The wish for verdicts belongs to the request and not to the event that is all of it.
  const { verdicts, ...event } = json
  return accept({ batch: [event], verdicts: verdicts === true })
}

/** The source of the first key that is known, or why there is none and the status to say it with. */
function findSource(
  request: Request,
  json: unknown,
  config: ResolvedConfig,
): { ok: true; value: SourceConfig } | { ok: false; error: Refusal<string>; status: ErrorStatus } {
  const query = new URL(request.url).searchParams
  const candidates = [
    ...keysInRequest((name) => request.headers.get(name), query),
    ...keysInBody(json),
  ]
  if (candidates.length === 0) {
    return {
      ...refuse(
        'missing_write_key',
        'Send a write key: by Basic or Bearer, in X-Write-Key, in ?writeKey= or in the body.',
      ),
      status: 401,
    }
  }
  const known = candidates.find(({ key }) => config.keys.has(key))
  const source = known && config.keys.get(known.key)?.source
  if (!source) {
    // Segment's Swift SDK retries a 401 for ever; it sends its key in the body alone.
    const status = candidates.some(({ inRequest }) => inRequest) ? 401 : 400
    return { ...refuse('unknown_write_key', 'No source has this write key.'), status }
  }
  const origin = request.headers.get('origin')
  if (origin !== null && !allowsOrigin(source, origin)) {
    const message = `The source takes no events from ${origin}.`
    return { ...refuse('origin_not_allowed', message), status: 403 }
  }
  return accept(source)
}

function requestFacts(request: Request, source: SourceConfig, receivedAtMs: number): RequestFacts {
  const facts: RequestFacts = { source, receivedAtMs }
  const sentAt = request.headers.get('sentat')
  if (sentAt !== null) facts.sentAt = sentAt
  const device = deviceFacts(request)
  if (device) facts.device = device
  return facts
}

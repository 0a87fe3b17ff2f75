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
import { errorAnswer } from '../answers.ts'
import { allowsOrigin, type ResolvedConfig, type SourceConfig } from '../config.ts'
import type { IngestKind } from '../core/ingest-kinds.ts'
import { judgeEvents } from '../core/judge.ts'
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
  const body = await readBody(req.raw, MAX_BODY_BYTES)
  const text = body.ok ? new TextDecoder().decode(body.value) : ''
  const json = readJson(text)

  const source = findSource(req.raw, json, config)
  if (source instanceof Response) return source
  const facts = requestFacts(req.raw, source, receivedAtMs, text)
  const envelope = body.ok ? openEnvelope(json, kind) : body
  if (!envelope.ok) {
    // What was sent is kept with the reason, as one record.
    const raw = json ?? text.slice(0, MAX_KEPT_BODY_BYTES)
    const refusal = envelope.error
    const [verdict] = await recordEvents(env, config.shards, facts, [{ raw, refusal }])
    if (verdict?.status === 'retry') return unavailable()
    const status = SIZE_REFUSALS.includes(refusal.code) ? 413 : 400
    return errorAnswer(status, refusal.code, refusal.message)
  }

  const { sentAt, verdicts: wantsVerdicts = false } = envelope.value
  if (sentAt !== undefined) facts.sentAt = sentAt
  const impliedType = kind === 'batch' ? undefined : kind
  const judged = judgeEvents(envelope.value, impliedType, text.length)
  const verdicts = await recordEvents(env, config.shards, facts, judged)
  return kind === 'batch'
    ? answerBatch(verdicts, wantsVerdicts)
    : answerOne(verdicts[0] as EventVerdict, wantsVerdicts)
}

/** JSON text as a value; `undefined` when it is not JSON (which no JSON text can be). */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A batch as it is, a single event as a batch of one. */
function openEnvelope(
  json: unknown,
  kind: IngestKind,
): Result<BatchEnvelope<unknown>, Refusal<string>> {
  if (json === undefined) return refuse('invalid_json', 'The body is not JSON.')
  if (kind === 'batch') return parseBatch(json)
  return accept({ batch: [json], verdicts: isJsonObject(json) && json.verdicts === true })
}

/** The source of the first key that is known, or the answer that says why there is none. */
function findSource(
  request: Request,
  json: unknown,
  config: ResolvedConfig,
): SourceConfig | Response {
  const query = new URL(request.url).searchParams
  const candidates = [
    ...keysInRequest((name) => request.headers.get(name), query),
    ...keysInBody(json),
  ]
  if (candidates.length === 0) {
    return errorAnswer(401, 'missing_write_key', 'The request carries no write key.')
  }
  const known = candidates.find(({ key }) => config.sourceByKey.has(key))
  const source = known && config.sourceByKey.get(known.key)
  if (!source) {
    // Segment's Swift SDK retries a 401 for ever; it sends its key in the body alone.
    const status = candidates.some(({ inRequest }) => inRequest) ? 401 : 400
    return errorAnswer(status, 'unknown_write_key', 'No source has this write key.')
  }
  const origin = request.headers.get('origin')
  if (origin !== null && !allowsOrigin(source, origin)) {
    return errorAnswer(403, 'origin_not_allowed', `The source takes no events from ${origin}.`)
  }
  return source
}

function requestFacts(
  request: Request,
  source: SourceConfig,
  receivedAtMs: number,
  text: string,
): RequestFacts {
  const facts: RequestFacts = { source: source.id, receivedAtMs, text }
  const sentAt = request.headers.get('sentat')
  if (sentAt !== null) facts.sentAt = sentAt
  // Every browser sends `Origin` with a POST (Fetch standard, 3.2), and no server library does.
  if (request.headers.has('origin')) {
    const ip = request.headers.get('cf-connecting-ip')
    const userAgent = request.headers.get('user-agent')
    facts.device = { ...(ip !== null && { ip }), ...(userAgent !== null && { userAgent }) }
  }
  return facts
}

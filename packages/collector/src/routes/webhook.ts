import {
  type BatchEnvelope,
  isJsonObject,
  MAX_BATCH_EVENTS,
  type Refusal,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import type { ResolvedConfig } from '../config.ts'
import { contentHash } from '../core/fingerprint.ts'
import { judgeEvents } from '../core/judge.ts'
import type { SourceConfig } from '../core/source-config.ts'
import { deliveryId, formObject, webhookEvent } from '../core/webhook-event.ts'
import type { CollectorEnv } from '../env.ts'
import { type EventVerdict, recordEvents } from '../intake.ts'
import { admitByBody, admitByRequest, answerDenial } from './authorise.ts'
import { answerBatch, answerOne } from './ingest-answer.ts'
import { refuseBody } from './refusals.ts'
import { type RequestBody, readRequestBody } from './request-body.ts'
import { requestFacts } from './request-facts.ts'

/**
 * `POST /v1/webhook`, and `GET` with its parameters as the body: a JSON object of any shape, or a form, becomes one
 * `track` event; an array one for each object.
 */
export async function webhook(
  { env, req: { raw: request } }: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
): Promise<Response> {
  // Some senders ask by HEAD whether there is anyone (Trello does), and take no other answer.
  if (request.method === 'HEAD') return new Response()
  const receivedAtMs = Date.now()
  const arriving = { request, env, config }
  const early = await admitByRequest(arriving)
  if (early && !early.ok) return answerDenial(early)

  const body = request.method === 'GET' ? readQuery(request) : await readWebhookBody(request)
  const refusal = refuseWebhook(body)
  const admission = early ?? (await admitByBody(arriving, body.json, refusal))
  if (!admission.ok) return answerDenial(admission)
  const sender = admission.value
  const facts = requestFacts(request, sender, receivedAtMs)
  if (refusal) {
    const raw = body.json === undefined ? body.text : body.json
    return refuseBody(env, config, facts, refusal, raw)
  }
  const envelope = eventsOf(request, sender.source, body)
  const judged = judgeEvents(envelope, { bodyBytes: body.byteLength, sender })
  const verdicts = await recordEvents(env, config, facts, judged)
  return Array.isArray(body.json)
    ? answerBatch(verdicts, false, {})
    : answerOne(verdicts[0] as EventVerdict, false, {})
}

/** The query as a body, without the key, which is a credential and no part of the message. */
function readQuery({ url }: Request): RequestBody {
  const query = new URL(url).searchParams
  query.delete('writeKey')
  query.delete('writekey')
  const text = query.toString()
  return { text, json: formObject(query), byteLength: text.length }
}

/** JSON whatever its content type says; a form only where it says so, since any text could be read as one. */
async function readWebhookBody(request: Request): Promise<RequestBody> {
  const body = await readRequestBody(request)
  const type = request.headers.get('content-type') ?? ''
  const isForm = body.json === undefined && type.startsWith('application/x-www-form-urlencoded')
  if (!isForm || body.refusal) return body
  return { ...body, json: formObject(new URLSearchParams(body.text)) }
}

function refuseWebhook({ json, refusal }: RequestBody): Refusal<string> | undefined {
  if (refusal) return refusal
  if (json === undefined)
    return refuse('invalid_json', 'The body is neither JSON nor a form.').error
  if (!Array.isArray(json) || json.length <= MAX_BATCH_EVENTS) return undefined
  const message = `An array may hold at most ${MAX_BATCH_EVENTS} objects.`
  return refuse('too_many_events', message).error
}

/**
 * Each object as an event. A delivery that its sender does not name is known by its text, for good: senders repeat
 * what is not answered in time, and nearly all of them put a time or an id into it.
 */
function eventsOf(
  request: Request,
  { webhookEvent: event }: SourceConfig,
  { json, text }: RequestBody,
): BatchEnvelope<unknown> {
  const name = deliveryId((header) => request.headers.get(header), json)
  const known = name ?? text
  const digest = contentHash(known).toHex() + contentHash(known, 1).toHex()
  const batch = (Array.isArray(json) ? json : [json]).map((item: unknown, index) => {
    if (!isJsonObject(item)) return item
    const place = index === 0 ? '' : `-${index}`
    return webhookEvent(item, {
      ...(event !== undefined && { event }),
      messageId: `${name ?? `webhook-${digest}`}${place}`,
      ownId: `webhook-${digest}${place}`,
    })
  })
  return { batch }
}

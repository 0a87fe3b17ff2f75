import {
  accept,
  type BatchEnvelope,
  isJsonObject,
  parseBatch,
  parseFirstParty,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import type { ResolvedConfig } from '../config.ts'
import { type IngestKind, impliedType } from '../core/ingest-kinds.ts'
import { judgeEvents } from '../core/judge.ts'
import type { CollectorEnv } from '../env.ts'
import { type EventVerdict, recordEvents } from '../intake.ts'
import { admitByBody, admitByRequest, answerDenial } from './authorise.ts'
import { browserOf, withCookies } from './first-party.ts'
import { answerBatch, answerOne } from './ingest-answer.ts'
import { refuseBody } from './refusals.ts'
import { type RequestBody, readRequestBody } from './request-body.ts'
import { requestFacts } from './request-facts.ts'

/** Takes one event or a batch. Everything that is acknowledged is durable before the answer leaves. */
export async function ingest(
  { env, req: { raw: request } }: Context<{ Bindings: CollectorEnv }>,
  config: ResolvedConfig,
  kind: IngestKind,
): Promise<Response> {
  const receivedAtMs = Date.now()
  const arriving = { request, env, config }
  const early = await admitByRequest(arriving)
  if (early && !early.ok) return answerDenial(early)

  const body = await readRequestBody(request)
  const envelope = openEnvelope(body, kind)
  const fault = envelope.ok ? undefined : envelope.error
  const admission = early ?? (await admitByBody(arriving, body.json, fault))
  if (!admission.ok) return answerDenial(admission)
  const sender = admission.value
  const facts = requestFacts(request, sender, receivedAtMs)
  if (!envelope.ok) {
    const raw = body.json === undefined ? body.text : body.json
    return refuseBody(env, config, facts, envelope.error, raw)
  }

  const { sentAt, firstParty, previousStreams, verdicts: wantsVerdicts = false } = envelope.value
  if (sentAt !== undefined) facts.sentAt = sentAt
  if (previousStreams) facts.endedStreams = previousStreams
  const browser = browserOf(request, sender.source, firstParty)
  if (browser) facts.browser = browser
  const judged = judgeEvents(envelope.value, {
    impliedType: impliedType(kind),
    bodyBytes: body.byteLength,
    sender,
    knownId: browser?.id,
  })
  const verdicts = await recordEvents(env, config, facts, judged)
  const restored = browser?.replaces === undefined ? {} : { anonymousId: browser.id }
  const answer =
    kind === 'batch'
      ? answerBatch(verdicts, wantsVerdicts, restored)
      : answerOne(verdicts[0] as EventVerdict, wantsVerdicts, restored)
  return withCookies(answer, sender.source, browser)
}

/** A batch as it is, a single event as a batch of one. */
function openEnvelope(
  { json, refusal }: RequestBody,
  kind: IngestKind,
): Result<BatchEnvelope<unknown>, Refusal<string>> {
  if (refusal) return { ok: false, error: refusal }
  if (json === undefined) return refuse('invalid_json', 'The body is not JSON.')
  if (kind === 'batch') return parseBatch(json)
  if (!isJsonObject(json)) return accept({ batch: [json] })
  // The wishes for verdicts and cookies belong to the request and not to the event that is all of it.
  const { verdicts, ...rest } = json
  const firstParty = parseFirstParty(rest.firstParty)
  if (!firstParty) return accept({ batch: [rest], verdicts: verdicts === true })
  const { firstParty: _, ...event } = rest
  return accept({ batch: [event], verdicts: verdicts === true, firstParty })
}

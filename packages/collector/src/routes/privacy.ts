import {
  accept,
  isJsonObject,
  type JsonObject,
  type Refusal,
  type Result,
  refuse,
} from '@tributary/protocol'
import type { Context } from 'hono'
import { readBody } from '../adapters/body.ts'
import { callPrivacy } from '../adapters/privacy-requests.ts'
import { errorAnswer } from '../answers.ts'
import type { ResolvedConfig } from '../config.ts'
import {
  asksForSame,
  emptyCounts,
  type PrivacyOperation,
  type PrivacyRequest,
} from '../core/privacy-request.ts'
import { readPrivacyOrder } from '../core/read-privacy-order.ts'
import type { CollectorEnv } from '../env.ts'
import { exportPerson } from '../export-person.ts'
import {
  BODY_TIMEOUT_MS,
  DEFAULT_PAGE_SIZE,
  MAX_API_BODY_BYTES,
  MAX_PAGE_SIZE,
  MAX_SUBJECTS,
  PRIVACY_WAIT_MS,
} from '../limits.ts'
import { runPrivacy } from '../run-privacy.ts'
import { readQuery } from './query.ts'

type PrivacyContext = Context<{ Bindings: CollectorEnv }>

/**
 * `POST /api/privacy/<operation>`: records what is asked for, and carries it out. Answers 200 with the request once that is
 * done, and 202 where it goes on. The same `requestId` again is the same request.
 */
export async function askFor(
  context: PrivacyContext,
  config: ResolvedConfig,
  operation: PrivacyOperation,
): Promise<Response> {
  const { env } = context
  const body = await readObject(context.req.raw)
  if (!body.ok) return errorAnswer(400, body.error.code, body.error.message)
  const order = readPrivacyOrder(body.value, operation, config.rules, MAX_SUBJECTS)
  if (!order.ok) return errorAnswer(400, order.error.code, order.error.message)
  const { requestId, ...facts } = order.value
  const asked: PrivacyRequest = {
    id: requestId ?? crypto.randomUUID(),
    operation,
    ...facts,
    requestedAt: new Date().toISOString(),
    status: 'pending',
    counts: emptyCounts(),
    counted: {},
  }
  const kept = await callPrivacy(env, 'add', asked)
  if (!asksForSame(kept, asked)) {
    const message = 'This request id is that of another request.'
    return errorAnswer(400, 'request_id_taken', message)
  }
  const request = kept.status === 'done' ? kept : await waitFor(context, config, kept)
  return Response.json(toAnswer(request), { status: request.status === 'done' ? 200 : 202 })
}

/** Carries requests out for as long as a caller can be kept waiting; after that they go on, here or by the cron. */
async function waitFor(
  context: PrivacyContext,
  config: ResolvedConfig,
  request: PrivacyRequest,
): Promise<PrivacyRequest> {
  const deadline = Date.now() + PRIVACY_WAIT_MS
  let latest = request
  while (latest.status !== 'done' && Date.now() < deadline) {
    const run = goOn(context, config)
    const isOver = await Promise.race([run, scheduler.wait(deadline - Date.now())])
    if (isOver === false) await scheduler.wait(100)
    latest = (await callPrivacy(context.env, 'find', request.id)) ?? latest
    if (isOver === 'failed') break
  }
  return latest
}

/** A failure is no answer to who asks: what is asked for is recorded, and is tried again. */
async function goOn(context: PrivacyContext, config: ResolvedConfig): Promise<boolean | 'failed'> {
  const run = runPrivacy(context.env, config, Date.now).catch((error): 'failed' => {
    // biome-ignore lint/suspicious/noConsole: nothing else tells why a request is not done
    console.error('A privacy request could not be carried out; it is tried again.', error)
    return 'failed'
  })
  context.executionCtx.waitUntil(run)
  return run
}

/** `GET /api/privacy/requests/<id>`: also goes on with it where it is not done. */
export async function showRequest(
  context: PrivacyContext,
  config: ResolvedConfig,
): Promise<Response> {
  const request = await callPrivacy(context.env, 'find', context.req.param('id') ?? '')
  if (!request) return unknownRequest()
  if (request.status !== 'done') void goOn(context, config)
  return Response.json(toAnswer(request))
}

/** `GET /api/privacy/requests`: newest first; `cursor` is null at the end. */
export async function listRequests(context: PrivacyContext): Promise<Response> {
  const query = readQuery(context, ['cursor', 'limit'])
  if (!query.ok) return errorAnswer(400, query.error.code, query.error.message)
  const limit = Number(query.value.limit ?? DEFAULT_PAGE_SIZE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    const message = `"limit" must be a whole number from 1 to ${MAX_PAGE_SIZE}.`
    return errorAnswer(400, 'invalid_limit', message)
  }
  const before = Number(query.value.cursor ?? Number.MAX_SAFE_INTEGER)
  if (!Number.isSafeInteger(before) || before < 0) {
    return errorAnswer(400, 'invalid_cursor', 'The cursor is not one that this API gave.')
  }
  const { requests, next } = await callPrivacy(context.env, 'page', before, limit)
  const cursor = next === undefined ? null : String(next)
  return Response.json({ requests: requests.map(toAnswer), cursor })
}

/** `GET /api/privacy/requests/<id>/archive`: of an export, everything that is held on the person now, as a tar file. */
export async function archive(context: PrivacyContext, config: ResolvedConfig): Promise<Response> {
  const request = await callPrivacy(context.env, 'find', context.req.param('id') ?? '')
  if (request?.operation !== 'export') return unknownRequest()
  const name = `tributary-${request.id.replace(/[^\w.-]/g, '_')}.tar`
  return new Response(exportPerson(context.env, config, request), {
    headers: {
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  })
}

function unknownRequest(): Response {
  return errorAnswer(404, 'unknown_request', 'There is no such request.')
}

/** The request, and what OpenDSR calls its parts. */
function toAnswer({
  counted: _,
  isRecorded: __,
  cleanAfterMs: ___,
  people,
  ...request
}: PrivacyRequest): JsonObject {
  const { id, status, requestedAt, operation } = request
  const answer: JsonObject = {
    success: true,
    ...(request as unknown as JsonObject),
    identifiers: people?.length ?? null,
    subject_request_id: id,
    received_time: requestedAt,
    request_status: status === 'done' ? 'completed' : 'in_progress',
  }
  if (operation === 'export') answer.archive = `/api/privacy/requests/${id}/archive`
  return answer
}

async function readObject(request: Request): Promise<Result<JsonObject, Refusal<string>>> {
  const body = await readBody(request, {
    maxBytes: MAX_API_BODY_BYTES,
    headBytes: 0,
    timeoutMs: BODY_TIMEOUT_MS,
  })
  const value = body.ok ? readJsonObject(new TextDecoder().decode(body.bytes)) : undefined
  return value ? accept(value) : refuse('invalid_json', 'The body must be a JSON object.')
}

function readJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

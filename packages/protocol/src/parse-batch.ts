import type { BatchEnvelope, FirstParty, PreviousStream } from './batch.ts'
import { isDeeperThan, isJsonObject, type JsonObject } from './json.ts'
import {
  MAX_BATCH_EVENTS,
  MAX_EVENT_DEPTH,
  MAX_MERGED_BYTES,
  MAX_PREVIOUS_STREAMS,
  MAX_STREAM_LENGTH,
  MAX_STREAM_SEQ,
} from './limits.ts'
import { accept, type Refusal, type Result, refuse } from './result.ts'

/** Why a whole batch was refused. One bad event is never a reason: events are judged one by one. */
export type BatchRefusalCode =
  | 'not_an_object'
  | 'missing_batch'
  | 'too_many_events'
  | 'nested_too_deep'
  | 'body_too_large'

/**
 * Reads a batch envelope as it came from outside. Fields of a wrong type are left out, because
 * a client that sends `sentAt: 5` should not lose its events for it. A bare array is taken as the batch. What is shared
 * counts once for each event, so that a small body cannot become a huge one.
 *
 * @returns The envelope with its events unread, or the refusal. Never throws.
 */
export function parseBatch(
  input: unknown,
): Result<BatchEnvelope<unknown>, Refusal<BatchRefusalCode>> {
  const body: JsonObject | undefined = Array.isArray(input)
    ? { batch: input }
    : isJsonObject(input)
      ? input
      : undefined
  if (!body) return refuse('not_an_object', 'The body must be a JSON object.')
  if (!Array.isArray(body.batch)) {
    return refuse('missing_batch', 'The body needs "batch", an array of events.')
  }
  if (body.batch.length > MAX_BATCH_EVENTS) {
    return refuse('too_many_events', `A batch may hold at most ${MAX_BATCH_EVENTS} events.`)
  }
  const envelope: BatchEnvelope<unknown> = { batch: body.batch }
  if (typeof body.writeKey === 'string') envelope.writeKey = body.writeKey
  if (typeof body.sentAt === 'string') envelope.sentAt = body.sentAt
  if (isJsonObject(body.context)) envelope.context = body.context
  if (isJsonObject(body.integrations)) envelope.integrations = body.integrations
  if (body.verdicts === true) envelope.verdicts = true
  const previousStreams = readStreams(body.previousStreams)
  if (previousStreams.length > 0) envelope.previousStreams = previousStreams
  const firstParty = parseFirstParty(body.firstParty)
  if (firstParty) envelope.firstParty = firstParty
  const { context, integrations } = envelope
  if (isDeeperThan([context, integrations], MAX_EVENT_DEPTH)) {
    return refuse('nested_too_deep', `"context" may nest ${MAX_EVENT_DEPTH} levels deep.`)
  }
  const sharedLength = JSON.stringify([context, integrations]).length
  if (sharedLength * envelope.batch.length > MAX_MERGED_BYTES) {
    const message = `Events with the shared "context" merged into each may have at most ${MAX_MERGED_BYTES} bytes.`
    return refuse('body_too_large', message)
  }
  return accept(envelope)
}

/** The well-formed among the streams that a client says have ended, up to {@link MAX_PREVIOUS_STREAMS}. */
function readStreams(value: unknown): PreviousStream[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_PREVIOUS_STREAMS).flatMap((item): PreviousStream[] => {
    if (!isJsonObject(item)) return []
    const { stream, lastSeq } = item
    const isRight =
      typeof stream === 'string' &&
      stream.length <= MAX_STREAM_LENGTH &&
      typeof lastSeq === 'number' &&
      Number.isInteger(lastSeq) &&
      lastSeq >= 0 &&
      lastSeq <= MAX_STREAM_SEQ
    return isRight ? [{ stream, lastSeq }] : []
  })
}

/** Ids that may stand in a cookie: nothing that could end its value or begin an attribute. */
const COOKIE_SAFE_ID = /^[\w.:-]{1,128}$/

/** Reads the wish for a first-party id; `undefined` when it is malformed. */
export function parseFirstParty(input: unknown): FirstParty | undefined {
  if (!isJsonObject(input) || typeof input.id !== 'string') return undefined
  if (!COOKIE_SAFE_ID.test(input.id)) return undefined
  return input.fresh === true ? { id: input.id, fresh: true } : { id: input.id }
}

/** An event with the envelope's `context` and `integrations` merged under its own (Segment HTTP API, "batch"). Non-objects pass through. */
export function mergeEnvelope(event: unknown, envelope: BatchEnvelope<unknown>): unknown {
  if (!isJsonObject(event)) return event
  const merged: JsonObject = { ...event }
  for (const field of ['context', 'integrations'] as const) {
    const shared = envelope[field]
    const own = event[field] ?? {}
    if (shared && isJsonObject(own)) merged[field] = { ...shared, ...own }
  }
  return merged
}

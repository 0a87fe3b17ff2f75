import {
  accept,
  isJsonObject,
  type Json,
  type JsonObject,
  MAX_MESSAGE_ID_LENGTH,
  MAX_STREAM_LENGTH,
  MAX_STREAM_SEQ,
  type ParsedEvent,
  type PreviousStream,
  type Refusal,
  type Result,
  refuse,
  type Verdict,
} from '@tributary/protocol'
import { hashAddresses } from './adapters/ip-hashes.ts'
import { appendToJournals, type RoutedItem, type RouteOutcome } from './adapters/journals.ts'
import { readUserAgent } from './adapters/user-agent.ts'
import type { ResolvedConfig } from './config.ts'
import type { Arrival } from './core/arrival.ts'
import { checkPlan } from './core/check-plan.ts'
import { dedupeBucket } from './core/dedupe-bucket.ts'
import { contentHash, idHash } from './core/fingerprint.ts'
import type { Judged } from './core/judge.ts'
import { botReasons } from './core/normalise/bots.ts'
import { userAgentOf } from './core/normalise/user-agent.ts'
import { normalise } from './core/normalise.ts'
import { quarantineRecord } from './core/quarantine.ts'
import { addressesInPayload, redactPayload } from './core/redact.ts'
import { shardKey } from './core/shard.ts'
import type { SourceConfig } from './core/source-config.ts'
import type { StoredEvent } from './core/stored-event.ts'
import { parseTimestamp } from './core/timestamps.ts'
import type { CollectorEnv } from './env.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'

/** What the collector knows about a request beside its events. */
export interface RequestFacts extends Omit<Arrival, 'messageId' | 'sentType' | 'agent'> {
  /** Streams of which the client says that they have ended. */
  endedStreams?: readonly PreviousStream[]
}

/** The decision on one event of a request. */
export interface EventVerdict extends Verdict {
  /** The client's id; `undefined` where it sent none. */
  messageId: string | undefined
}

const ID_CONFLICT: Refusal<string> = {
  code: 'id_conflict',
  message:
    'This messageId is stored with other content. The first is kept, this one is in quarantine.',
}

const NOT_STORABLE: Refusal<string> = {
  code: 'not_storable',
  message: 'The collector could not normalise this event. It is kept for when it can.',
}

/**
 * Makes the events of a request durable, each for itself: normalised where its shape is right, in quarantine
 * where it is not, nowhere where it is stored already.
 *
 * @returns Verdicts in the order of the events, given only after everything acknowledged in them is durable.
 */
export async function recordEvents(
  env: CollectorEnv,
  { shards }: ResolvedConfig,
  request: RequestFacts,
  judged: readonly Judged[],
): Promise<EventVerdict[]> {
  const source = request.source.id
  const receivedAt = request.receivedAtMs
  const facts = await withIpHashes(request, judged, env.TRIBUTARY_IP_SECRET)
  const prepared = await Promise.all(
    judged.map((item, index) =>
      prepare(item, facts, index).catch((error) => quarantine(item, facts, error)),
    ),
  )
  const routed = prepared.map(({ item }) => item)
  const appended = { source, receivedAt, requests: 1, endedStreams: facts.endedStreams ?? [] }
  const outcomes = await appendToJournals(env, shards, appended, routed)

  const conflicts = prepared.filter((_, index) => outcomes[index] === 'conflict')
  const keptConflicts = await appendToJournals(
    env,
    shards,
    { source, receivedAt, requests: 0, endedStreams: [] },
    conflicts.map(({ raw }) => quarantineItem(raw, ID_CONFLICT, facts)),
  )
  const outcomeOfConflict = new Map(conflicts.map((item, index) => [item, keptConflicts[index]]))

  return prepared.map((item, index): EventVerdict => {
    const outcome = outcomeOfConflict.get(item) ?? (outcomes[index] as RouteOutcome)
    const refusal = outcomeOfConflict.has(item) ? ID_CONFLICT : item.refusal
    return { messageId: item.messageId, ...verdictOf(outcome, refusal) }
  })
}

/** A refused record that is stored, or was before, is `rejected`: the client may forget it. */
function verdictOf(outcome: RouteOutcome, refusal: Refusal<string> | undefined): Verdict {
  if (outcome === 'unavailable' || outcome === 'conflict') return { status: 'retry' }
  if (refusal) return { status: 'rejected', ...refusal }
  return { status: outcome }
}

/** Whatever we did not foresee in an event must cost that event alone, and not the batch around it. */
function quarantine({ raw }: Judged, facts: RequestFacts, error: unknown): Prepared {
  // biome-ignore lint/suspicious/noConsole: the operator's log is where an unforeseen failure must show
  console.error(error)
  return { raw, ...refuseEvent(raw, NOT_STORABLE, facts) }
}

/** An event ready for the journal. */
interface Prepared {
  raw: unknown
  /** As the client knows it. */
  messageId: string | undefined
  refusal?: Refusal<string>
  item: RoutedItem
}

async function prepare(judged: Judged, facts: RequestFacts, index: number): Promise<Prepared> {
  const { raw, refusal } = judged
  if (refusal) return { raw, ...refuseEvent(raw, refusal, facts) }
  const { event, own } = judged
  const messageId = messageIdOf(own, facts, index)
  const id = idHash(facts.source.id, messageId).toBigInt()
  const originalMs = parseTimestamp(event.timestamp ?? event.originalTimestamp)
  const normalised = normalise(event, arrivalOf(judged, facts, messageId))
  const checked = await applyPolicies(normalised, facts.source)
  if (!checked.ok) return { raw, ...refuseEvent(raw, checked.error, facts) }
  const item: RoutedItem = {
    shardKey: shardKey(facts.source.id, event, messageId),
    line: JSON.stringify(checked.value),
    fingerprint: {
      id,
      content: contentHash(own).toBigInt(),
      bucket: dedupeBucket(messageId, originalMs, id),
    },
  }
  const delivery = deliveryOf(event)
  if (delivery) item.delivery = delivery
  return { raw, messageId: textOf(event.messageId), item }
}

/** What is known of one event beside its content. */
function arrivalOf(
  { raw, event }: Judged & { event: ParsedEvent },
  facts: RequestFacts,
  messageId: string,
): Arrival {
  const arrival: Arrival = { ...facts, messageId }
  const sentType = isJsonObject(raw) ? raw.type : undefined
  if (sentType !== undefined && sentType !== event.type) arrival.sentType = sentType
  const userAgent = userAgentOf(event, facts.device)
  if (userAgent !== undefined) arrival.agent = readUserAgent(userAgent)
  return arrival
}

/** What the source's policies say of a normalised event: bots, then the plan. */
async function applyPolicies(
  event: StoredEvent,
  { bots, plan }: SourceConfig,
): Promise<Result<StoredEvent, Refusal<string>>> {
  const reasons = bots === 'quarantine' ? botReasons(event) : undefined
  if (reasons !== undefined) return refuse('bot', `The source takes no bots: ${reasons}.`)
  return plan ? checkPlan(event, plan) : accept(event)
}

/** With the policy `hash`: the hashes of all addresses in the request, so that what follows needs no secret. */
async function withIpHashes(
  facts: RequestFacts,
  judged: readonly Judged[],
  secret: string | undefined,
): Promise<RequestFacts> {
  if (facts.source.ip !== 'hash' || !secret) return facts
  const day = new Date(facts.receivedAtMs).toISOString().slice(0, 10)
  const sent = judged.flatMap(({ raw }) => addressesInPayload(raw))
  const { ip } = facts.device ?? {}
  return { ...facts, ipHashes: await hashAddresses(secret, day, ip ? [ip, ...sent] : sent) }
}

/**
 * The client's `messageId`, or one derived from content and time, so that a retry has it too. An event without a time
 * of its own takes the request's and its place in it; where there is none either, it is new each time, since nothing
 * tells a retry from a second occurrence.
 */
function messageIdOf(event: JsonObject, facts: RequestFacts, index: number): string {
  const sent = textOf(event.messageId)
  if (sent !== undefined && sent.length <= MAX_MESSAGE_ID_LENGTH) return sent
  if (sent !== undefined) return `h_${hex128(sent)}`
  const ownTime = event.timestamp ?? event.originalTimestamp
  const requestTime = event.sentAt ?? facts.sentAt ?? crypto.randomUUID()
  return `h_${hex128({ source: facts.source.id, event: hex128(event), time: ownTime ?? [requestTime, index] })}`
}

/** 128 bits of content, in hexadecimal. */
function hex128(content: Json): string {
  return contentHash(content).toHex() + contentHash(content, 1).toHex()
}

function refuseEvent(raw: unknown, refusal: Refusal<string>, facts: RequestFacts) {
  const messageId = isJsonObject(raw) ? textOf(raw.messageId) : undefined
  return { messageId, refusal, item: quarantineItem(raw, refusal, facts) }
}

function quarantineItem(
  raw: unknown,
  refusal: Refusal<string>,
  { source: config, receivedAtMs, ipHashes }: RequestFacts,
): RoutedItem {
  const source = config.id
  const kept = redactPayload(raw as Json, config, ipHashes)
  const refused = quarantineRecord(source, receivedAtMs, refusal, kept, MAX_PAYLOAD_BYTES)
  const payload: JsonObject = isJsonObject(refused.payload) ? refused.payload : {}
  const name = `q_${hex128([source, refused.code, hex128(refused.payload)])}`
  const id = idHash(source, name).toBigInt()
  const item: RoutedItem = {
    shardKey: shardKey(source, payload, name),
    line: JSON.stringify({ id: name, ...refused }),
    fingerprint: {
      id,
      content: id,
      bucket: dedupeBucket(name, parseTimestamp(payload.timestamp), id),
    },
    quarantineCode: refused.code,
  }
  const delivery = deliveryOf(payload)
  if (delivery) item.delivery = delivery
  return item
}

/** Where an event stands in its client's count, if that counts. */
function deliveryOf({ context }: JsonObject): { stream: string; seq: number } | undefined {
  const delivery = isJsonObject(context) ? context.delivery : undefined
  if (!isJsonObject(delivery)) return undefined
  const { stream, seq } = delivery
  const isCounted = typeof seq === 'number' && Number.isInteger(seq) && seq >= 0
  if (!isCounted || seq > MAX_STREAM_SEQ) return undefined
  return typeof stream === 'string' && stream.length <= MAX_STREAM_LENGTH
    ? { stream, seq }
    : undefined
}

/** An id as text; an empty one is none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
